// The bar above the work: where one is, how the connection is, and on a phone the way to the sidebar.

import Menu from '@mui/icons-material/Menu';
import Box from '@mui/material/Box';
import Chip from '@mui/material/Chip';
import IconButton from '@mui/material/IconButton';
import Typography from '@mui/material/Typography';
import type { ConnectionSnapshot } from 'envsocket';
import { roleNow } from './access';
import { CutButton } from './CutButton';
import type { Pair } from './pair';
import { StatusChip } from './StatusChip';
import { SURFACES } from './theme';
import { ViewerLink } from './ViewerLink';

interface Props {
  readonly pair: Pair | null;
  readonly connection: ConnectionSnapshot | null;
  /** Null where the sidebar is always to be seen. */
  readonly onOpenSidebar: (() => void) | null;
}

export function WorkspaceHeader({ pair, connection, onOpenSidebar }: Props) {
  return (
    <Box
      component="header"
      sx={{
        flexShrink: 0,
        height: 56,
        px: 2,
        gap: 1.5,
        display: 'flex',
        alignItems: 'center',
        borderBottom: `1px solid ${SURFACES.line}`,
        backgroundColor: SURFACES.panel,
      }}
    >
      {onOpenSidebar !== null && (
        <IconButton aria-label="Show environments" edge="start" onClick={onOpenSidebar}>
          <Menu />
        </IconButton>
      )}
      <Box sx={{ flex: 1, minWidth: 0, display: 'flex', alignItems: 'center', gap: 1.5 }}>
        {pair !== null && <Place pair={pair} />}
        {/* A phone has no room for it; the line under the terminal says the same. */}
        <Box sx={{ display: { xs: 'none', sm: 'flex' } }}>
          <StatusChip connection={connection} />
        </Box>
      </Box>
      {pair !== null && roleNow() === 'viewer' && <Chip size="small" variant="outlined" label="Watching" />}
      {pair !== null && roleNow() === 'user' && <ViewerLink pair={pair} />}
      {pair !== null && roleNow() !== 'viewer' && <CutButton />}
    </Box>
  );
}

function Place({ pair }: { pair: Pair }) {
  return (
    <Typography component="h2" noWrap sx={{ fontSize: 14, minWidth: 0 }}>
      <Box component="span" sx={{ color: 'text.secondary' }}>
        {pair.project}
      </Box>
      <Box component="span" aria-hidden sx={{ color: 'text.secondary', opacity: 0.6, mx: 0.75 }}>
        /
      </Box>
      <Box component="span" sx={{ fontWeight: 650 }}>
        {pair.env}
      </Box>
    </Typography>
  );
}
