// What is under the header: the chosen shell, or why there is none. Connects to nothing that the server does
// not name, so a mistyped address costs one look at the list and no retries.

import HelpOutline from '@mui/icons-material/HelpOutlineOutlined';
import LinkOff from '@mui/icons-material/LinkOff';
import Terminal from '@mui/icons-material/Terminal';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import { useEffect } from 'react';
import { roleNow } from './access';
import { Notice } from './Notice';
import { labelOf, samePair, type Pair } from './pair';
import { sentence } from './sentence';
import { listOf, pairsOf, type Projects } from './useProjects';
import { Workspace } from './Workspace';

interface Props {
  readonly projects: Projects;
  readonly selected: Pair | null;
  onCreate(draft: Pair): void;
  onRefresh(): Promise<void>;
}

export function WorkArea({ projects, selected, onCreate, onRefresh }: Props) {
  const list = listOf(projects);
  if (projects.state === 'refused') return <Refused problem={projects.problem} />;
  if (selected === null) return <NothingChosen />;
  // Not known yet. The sidebar's foot says so when it takes long.
  if (list === null) return <Box sx={{ flex: 1 }} />;
  if (!pairsOf(list).some((pair) => samePair(pair, selected))) {
    return <Unknown pair={selected} onCreate={onCreate} onRefresh={onRefresh} />;
  }
  return (
    <>
      <title>{`${labelOf(selected)} · envsocket`}</title>
      <Workspace pair={selected} />
    </>
  );
}

function NothingChosen() {
  return (
    <>
      <title>envsocket</title>
      <Notice
        icon={Terminal}
        title="Choose an environment"
        text={
          'Each one is a shell on the server. Switch between them, cut the link, close the lid: they go on, ' +
          'and so does what you see.'
        }
      />
    </>
  );
}

function Refused({ problem }: { problem: string }) {
  return (
    <>
      <title>envsocket</title>
      <Notice icon={LinkOff} title="This link does not work any more" text={`${sentence(problem)} Ask for another one.`} />
    </>
  );
}

function Unknown({ pair, onCreate, onRefresh }: { pair: Pair } & Pick<Props, 'onCreate' | 'onRefresh'>) {
  const isViewer = roleNow() === 'viewer';
  // Another window may have made it since the list was read.
  useEffect(() => void onRefresh(), [pair.project, pair.env, onRefresh]);
  return (
    <>
      <title>{`${labelOf(pair)} · envsocket`}</title>
      <Notice
        icon={HelpOutline}
        title={`There is no ${labelOf(pair)}`}
        text={
          'The server knows no such environment: it was deleted, or the address is mistyped. ' +
          (isViewer ? 'Ask for another link.' : "Choose one of the sidebar's, or make this one.")
        }
      >
        {!isViewer && (
          <Button variant="outlined" color="inherit" size="medium" onClick={() => onCreate(pair)}>
            Create it
          </Button>
        )}
      </Notice>
    </>
  );
}
