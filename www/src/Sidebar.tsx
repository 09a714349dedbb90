// The sidebar: every project and environment that the server has, and how each connection is. Its foot says
// in one line what holds for all of them, so that a server that is away moves nothing.

import Add from '@mui/icons-material/Add';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Skeleton from '@mui/material/Skeleton';
import Typography from '@mui/material/Typography';
import type { ManagerSnapshot } from 'envsocket';
import { roleNow } from './access';
import type { Pair } from './pair';
import { ProjectGroup } from './ProjectGroup';
import { SidebarFoot } from './SidebarFoot';
import { SURFACES } from './theme';
import { listOf, type Projects } from './useProjects';

export interface SidebarProps {
  readonly projects: Projects;
  readonly snapshot: ManagerSnapshot;
  readonly selected: Pair | null;
  onChoose(pair: Pair): void;
  onDeleted(pair: Pair): void;
  /** With the project to begin with; empty for none. */
  onCreate(project: string): void;
  onRetry(): void;
}

export function Sidebar(props: SidebarProps) {
  return (
    <Box sx={{ height: '100%', display: 'flex', flexDirection: 'column', backgroundColor: SURFACES.panel }}>
      <Brand />
      <Box component="nav" aria-label="Environments" sx={{ flex: 1, minHeight: 0, overflowY: 'auto', py: 1 }}>
        <Groups {...props} />
      </Box>
      {roleNow() !== 'viewer' && (
        <Box sx={{ p: 1.5 }}>
          <Button
            fullWidth
            variant="outlined"
            color="inherit"
            size="medium"
            startIcon={<Add />}
            onClick={() => props.onCreate('')}
          >
            New environment
          </Button>
        </Box>
      )}
      <SidebarFoot projects={props.projects} snapshot={props.snapshot} onRetry={props.onRetry} />
    </Box>
  );
}

function Brand() {
  return (
    <Box sx={{ display: 'flex', alignItems: 'center', gap: 1.25, height: 56, flexShrink: 0, px: 2 }}>
      <img src="/favicon.svg" alt="" width={26} height={26} />
      <Typography component="h1" sx={{ fontSize: 15, fontWeight: 650, letterSpacing: '-0.01em' }}>
        envsocket
      </Typography>
    </Box>
  );
}

function Groups({ projects, snapshot, selected, onChoose, onDeleted, onCreate }: SidebarProps) {
  const list = listOf(projects);
  if (list === null) return projects.state === 'loading' ? <Placeholders /> : null;
  if (list.length === 0) {
    return (
      <Typography variant="body2" sx={{ px: 3, py: 2, color: 'text.secondary' }}>
        There is nothing here yet. A new environment is a shell of its own; make one below.
      </Typography>
    );
  }
  return list.map((project) => (
    <ProjectGroup
      key={project.name}
      project={project}
      snapshot={snapshot}
      selected={selected}
      onChoose={onChoose}
      onDeleted={onDeleted}
      onCreate={onCreate}
    />
  ));
}

function Placeholders() {
  return (
    <Box aria-hidden sx={{ px: 3 }}>
      {[64, 140, 120, 64, 140].map((width, index) => (
        <Skeleton key={index} width={width} height={36} />
      ))}
    </Box>
  );
}
