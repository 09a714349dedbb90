// The page: the sidebar beside the workspace, and what goes on between the two. The list of environments, the
// selection and the manager's snapshot meet here and nowhere else.

import Box from '@mui/material/Box';
import { useTheme } from '@mui/material/styles';
import useMediaQuery from '@mui/material/useMediaQuery';
import { WebSocketManager } from 'envsocket';
import { useCallback, useState } from 'react';
import { NewEnvironmentDialog } from './NewEnvironmentDialog';
import { samePair, type Pair } from './pair';
import { SidebarFrame } from './SidebarFrame';
import { connectionOf, useConnectionEnd, useManagerSnapshot } from './useManager';
import { listOf, useProjects } from './useProjects';
import { useSelection } from './useSelection';
import { useVanished } from './useVanished';
import { WorkArea } from './WorkArea';
import { WorkspaceHeader } from './WorkspaceHeader';

/** What lies over the page. The drawer exists on narrow screens only. */
type Overlay = { readonly name: 'none' | 'drawer' } | { readonly name: 'dialog'; readonly draft: Pair };

const NONE: Overlay = { name: 'none' };

export function App() {
  const { projects, refresh } = useProjects();
  const { selected, select, clear } = useSelection();
  const snapshot = useManagerSnapshot();
  const [overlay, setOverlay] = useState<Overlay>(NONE);
  const isWide = useMediaQuery(useTheme().breakpoints.up('md'), { noSsr: true });
  const list = listOf(projects);
  const readAgain = useCallback(() => void refresh(), [refresh]);

  useVanished(list);
  // Its environment may be gone: the close codes that say so are only a part of the ways to learn it.
  useConnectionEnd(snapshot, readAgain);

  const choose = (pair: Pair) => {
    setOverlay(NONE);
    select(pair);
    // The workspace does this for what is new to it. Choosing once more what was disconnected means: connect.
    WebSocketManager.getConnection(pair.project, pair.env);
    WebSocketManager.setActiveConnection(pair.project, pair.env);
  };
  const created = async (pair: Pair) => {
    await refresh();
    choose(pair);
  };
  const deleted = (pair: Pair) => {
    if (selected !== null && samePair(selected, pair)) clear();
    readAgain();
  };
  const askForNew = (draft: Pair) => setOverlay({ name: 'dialog', draft });

  return (
    <Box sx={{ height: '100dvh', display: 'flex', overflow: 'hidden' }}>
      <SidebarFrame
        frame={isWide ? 'beside' : overlay.name === 'drawer' ? 'drawn' : 'away'}
        onAway={() => setOverlay(NONE)}
        projects={projects}
        snapshot={snapshot}
        selected={selected}
        onChoose={choose}
        onDeleted={deleted}
        onCreate={(project) => askForNew({ project, env: '' })}
        onRetry={readAgain}
      />
      <Box component="main" sx={{ flex: 1, minWidth: 0, display: 'flex', flexDirection: 'column' }}>
        <WorkspaceHeader
          pair={selected}
          connection={selected === null ? null : connectionOf(snapshot, selected)}
          onOpenSidebar={isWide ? null : () => setOverlay({ name: 'drawer' })}
        />
        <WorkArea projects={projects} selected={selected} onCreate={askForNew} onRefresh={refresh} />
      </Box>
      {overlay.name === 'dialog' && (
        <NewEnvironmentDialog
          draft={overlay.draft}
          projectNames={(list ?? []).map(({ name }) => name)}
          onCreated={created}
          onCancel={() => setOverlay(NONE)}
        />
      )}
    </Box>
  );
}
