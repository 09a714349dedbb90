// One project of the sidebar with its environments.

import Add from '@mui/icons-material/Add';
import Box from '@mui/material/Box';
import IconButton from '@mui/material/IconButton';
import List from '@mui/material/List';
import Tooltip from '@mui/material/Tooltip';
import Typography from '@mui/material/Typography';
import type { ManagerSnapshot } from 'envsocket';
import { useId } from 'react';
import { roleNow } from './access';
import type { Project } from './api';
import { EnvironmentEntry } from './EnvironmentEntry';
import { keyOf, samePair, type Pair } from './pair';
import { connectionOf } from './useManager';

interface Props {
  readonly project: Project;
  readonly snapshot: ManagerSnapshot;
  readonly selected: Pair | null;
  onChoose(pair: Pair): void;
  onDeleted(pair: Pair): void;
  onCreate(project: string): void;
}

export function ProjectGroup({ project, snapshot, selected, onChoose, onDeleted, onCreate }: Props) {
  const heading = useId();
  return (
    <Box component="section" aria-labelledby={heading} sx={{ mb: 1.5 }}>
      <Box sx={{ display: 'flex', alignItems: 'center', pl: 3, pr: 1.5, height: 36 }}>
        <Typography
          id={heading}
          component="h2"
          noWrap
          title={project.name}
          sx={{ flex: 1, fontSize: 13, fontWeight: 600, color: 'text.secondary' }}
        >
          {project.name}
        </Typography>
        {roleNow() !== 'viewer' && (
          <Tooltip title="Add an environment">
            <IconButton
              aria-label={`Add an environment to ${project.name}`}
              onClick={() => onCreate(project.name)}
              sx={{ fontSize: 18, p: '4px', color: 'text.secondary' }}
            >
              <Add fontSize="inherit" />
            </IconButton>
          </Tooltip>
        )}
      </Box>
      <List disablePadding aria-labelledby={heading}>
        {project.environments.map(({ id }) => {
          const pair = { project: project.name, env: id };
          return (
            <EnvironmentEntry
              key={keyOf(pair)}
              pair={pair}
              connection={connectionOf(snapshot, pair)}
              isSelected={selected !== null && samePair(selected, pair)}
              onChoose={onChoose}
              onDeleted={onDeleted}
            />
          );
        })}
      </List>
      {project.environments.length === 0 && (
        <Typography variant="body2" sx={{ px: 3, py: 0.5, color: 'text.secondary', opacity: 0.8 }}>
          No environments
        </Typography>
      )}
    </Box>
  );
}
