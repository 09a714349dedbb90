// Where the sidebar is: beside the work on a wide screen, a drawer over it on a narrow one. Draws no entries.

import Box from '@mui/material/Box';
import Drawer from '@mui/material/Drawer';
import { Sidebar, type SidebarProps } from './Sidebar';
import { SURFACES } from './theme';

type Props = SidebarProps & {
  readonly frame: 'beside' | 'drawn' | 'away';
  onAway(): void;
};

const WIDTH = 316;

export function SidebarFrame({ frame, onAway, ...sidebar }: Props) {
  if (frame === 'beside') {
    return (
      <Box sx={{ width: WIDTH, flexShrink: 0, borderRight: `1px solid ${SURFACES.line}` }}>
        <Sidebar {...sidebar} />
      </Box>
    );
  }
  return (
    <Drawer
      open={frame === 'drawn'}
      onClose={onAway}
      // The entries' handles are true at every moment, so they are there at every moment.
      keepMounted
      transitionDuration={{ enter: 180, exit: 140 }}
      slotProps={{ paper: { sx: { width: WIDTH, maxWidth: '88vw' } } }}
    >
      <Sidebar {...sidebar} />
    </Drawer>
  );
}
