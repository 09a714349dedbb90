// One environment in the sidebar: what it is called, how its connection is, and what can be done to it. Draws
// what it is told; `data-status` and `data-active` are the manager's words, for tests and for styles.

import LinkOff from '@mui/icons-material/LinkOff';
import Box from '@mui/material/Box';
import IconButton from '@mui/material/IconButton';
import ListItemButton from '@mui/material/ListItemButton';
import Tooltip from '@mui/material/Tooltip';
import Typography from '@mui/material/Typography';
import { WebSocketManager, type ConnectionSnapshot } from 'envsocket';
import { roleNow } from './access';
import { DeleteEnvironment } from './DeleteEnvironment';
import { labelOf, type Pair } from './pair';
import { StatusChip } from './StatusChip';
import { SURFACES } from './theme';

interface Props {
  readonly pair: Pair;
  readonly connection: ConnectionSnapshot | null;
  readonly isSelected: boolean;
  onChoose(pair: Pair): void;
  onDeleted(pair: Pair): void;
}

export function EnvironmentEntry({ pair, connection, isSelected, onChoose, onDeleted }: Props) {
  return (
    <Box
      component="li"
      data-testid={`env-${pair.project}-${pair.env}`}
      data-status={connection?.status ?? 'disconnected'}
      data-active={String(connection?.isActive ?? false)}
      sx={entryStyle(isSelected)}
    >
      <ListItemButton
        aria-current={isSelected ? 'page' : undefined}
        onClick={() => onChoose(pair)}
        sx={BUTTON_STYLE}
      >
        <Typography
          variant="body2"
          noWrap
          title={pair.env}
          sx={{ flex: 1, fontWeight: isSelected ? 600 : 400 }}
        >
          {pair.env}
        </Typography>
        <StatusChip connection={connection} />
      </ListItemButton>
      <Disconnect pair={pair} connection={connection} />
      {roleNow() !== 'viewer' && <DeleteEnvironment pair={pair} onDeleted={onDeleted} />}
    </Box>
  );
}

/** Keeps its place while it has nothing to close: an entry's parts must not move with its status. */
function Disconnect({ pair, connection }: Pick<Props, 'pair' | 'connection'>) {
  const closable =
    connection !== null && connection.status !== 'disconnected' && connection.status !== 'disconnecting';
  return (
    <Tooltip title="Disconnect; the shell keeps running">
      <IconButton
        className="entry-action"
        aria-label={`Disconnect ${labelOf(pair)}`}
        onClick={() => WebSocketManager.closeConnection(pair.project, pair.env)}
        sx={{ visibility: closable ? 'visible' : 'hidden' }}
      >
        <LinkOff fontSize="inherit" />
      </IconButton>
    </Tooltip>
  );
}

/** The whole entry shows that it is chosen or pointed at; the button in it shows only the focus. */
const BUTTON_STYLE = {
  minWidth: 0,
  height: 40,
  pl: 2,
  pr: 1,
  gap: 1,
  borderRadius: 1,
  '&:hover, &.Mui-focusVisible': { backgroundColor: 'transparent' },
};

function entryStyle(isSelected: boolean) {
  return {
    position: 'relative',
    display: 'flex',
    alignItems: 'center',
    mx: 1,
    mb: '2px',
    pr: 0.5,
    borderRadius: 1,
    backgroundColor: isSelected ? SURFACES.selected : 'transparent',
    '&:hover': { backgroundColor: isSelected ? SURFACES.selected : SURFACES.hover },
    '&::before': {
      content: '""',
      position: 'absolute',
      left: 0,
      top: 10,
      bottom: 10,
      width: 3,
      borderRadius: 2,
      backgroundColor: isSelected ? 'primary.main' : 'transparent',
    },
    // Dim, not hidden: a finger cannot hover.
    '& .entry-action': { fontSize: 17, p: '5px', color: 'text.secondary', opacity: 0.45 },
    '@media (pointer: coarse)': { '& .entry-action': { fontSize: 19, p: '8px' } },
    '&:hover .entry-action, &:focus-within .entry-action': { opacity: 1 },
  } as const;
}
