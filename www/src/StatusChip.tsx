// The chip that says how a connection is: green when it is the active one, blue in the background, amber on
// its way, red when it gave up, and nothing at all when there is no connection.

import ErrorOutline from '@mui/icons-material/ErrorOutlineOutlined';
import LinkOff from '@mui/icons-material/LinkOff';
import Sync from '@mui/icons-material/Sync';
import Wifi from '@mui/icons-material/Wifi';
import Chip from '@mui/material/Chip';
import type { SvgIconProps } from '@mui/material/SvgIcon';
import Tooltip from '@mui/material/Tooltip';
import type { ConnectionSnapshot, ConnectionStatus } from 'envsocket';
import type { ComponentType } from 'react';
import { ON_STATUS, STATUS_COLORS } from './theme';

interface Look {
  readonly label: string;
  readonly icon: ComponentType<SvgIconProps>;
  readonly color: string;
}

const LOOKS: Record<ConnectionStatus, Look | null> = {
  connecting: { label: 'Connecting…', icon: Sync, color: STATUS_COLORS.waiting },
  connected: { label: 'Connected', icon: Wifi, color: STATUS_COLORS.background },
  reconnecting: { label: 'Reconnecting…', icon: Sync, color: STATUS_COLORS.waiting },
  disconnecting: { label: 'Closing…', icon: LinkOff, color: STATUS_COLORS.neutral },
  disconnected: null,
  failed: { label: 'Failed', icon: ErrorOutline, color: STATUS_COLORS.failed },
};

export function StatusChip({ connection }: { connection: ConnectionSnapshot | null }) {
  const look = connection === null ? null : LOOKS[connection.status];
  if (connection === null || look === null) return null;
  const active = connection.status === 'connected' && connection.isActive;
  const Icon = look.icon;
  return (
    <Tooltip title={detailOf(connection)} describeChild>
      <Chip
        size="small"
        label={look.label}
        icon={<Icon />}
        sx={{
          height: 22,
          flexShrink: 0,
          fontSize: 12,
          fontWeight: 600,
          // MUI fades from colour to colour; for a third of a second the chip would lie.
          transition: 'none',
          color: ON_STATUS,
          backgroundColor: active ? STATUS_COLORS.active : look.color,
          '& .MuiChip-icon': { color: 'inherit', fontSize: 15, ml: '6px', mr: '-3px' },
          '& .MuiChip-label': { px: '8px' },
        }}
      />
    </Tooltip>
  );
}

/** What the chip has no room for. Empty means no tooltip. */
function detailOf(connection: ConnectionSnapshot): string {
  const attempt = connection.attempt > 1 ? `Attempt ${connection.attempt}` : '';
  return [attempt, connection.reason ?? ''].filter((part) => part !== '').join(': ');
}
