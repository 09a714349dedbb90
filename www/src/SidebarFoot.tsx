// The sidebar's last line: how many are connected, or what is wrong with all of them at once.

import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Typography from '@mui/material/Typography';
import type { ManagerSnapshot } from 'envsocket';
import { sentence } from './sentence';
import { STATUS_COLORS, SURFACES } from './theme';
import { TokenNote } from './TokenNote';
import type { Projects } from './useProjects';

interface Props {
  readonly projects: Projects;
  readonly snapshot: ManagerSnapshot;
  onRetry(): void;
}

export function SidebarFoot({ projects, snapshot, onRetry }: Props) {
  return (
    <Box
      sx={{
        borderTop: `1px solid ${SURFACES.line}`,
        minHeight: 40,
        px: 2,
        display: 'flex',
        alignItems: 'center',
      }}
    >
      {projects.state === 'failing' ? (
        <>
          <Typography role="alert" sx={{ flex: 1, fontSize: 12, color: STATUS_COLORS.failed, py: 0.5 }}>
            {sentence(projects.problem)} Trying again…
          </Typography>
          <Button color="inherit" onClick={onRetry}>
            Retry
          </Button>
        </>
      ) : (
        <>
          <Typography
            sx={{
              flex: 1,
              fontSize: 12,
              color: snapshot.online ? 'text.secondary' : STATUS_COLORS.waiting,
            }}
          >
            {snapshot.online ? countOf(snapshot) : 'This device is offline'}
          </Typography>
          <TokenNote />
        </>
      )}
    </Box>
  );
}

function countOf({ connections }: ManagerSnapshot): string {
  if (connections.length === 0) return 'Nothing connected';
  const connected = connections.filter(({ status }) => status === 'connected').length;
  return `${connected} of ${connections.length} connected`;
}
