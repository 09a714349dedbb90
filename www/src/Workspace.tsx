// The shell of the chosen environment: makes its connection the active one and shows its terminal. Leaving
// closes nothing; the connection and the terminal go on without it.

import Box from '@mui/material/Box';
import { useConnection } from 'envsocket/react';
import { useEffect } from 'react';
import { labelOf, type Pair } from './pair';
import { StatusLine } from './StatusLine';
import { TerminalPane } from './TerminalPane';
import { terminalOf } from './terminals';
import { SURFACES } from './theme';

export function Workspace({ pair }: { pair: Pair }) {
  const { connection, status, snapshot, reconnect, setActive } = useConnection(pair.project, pair.env);

  useEffect(setActive, [setActive]);

  // Keeps the terminal's place until there is a connection, so that nothing jumps.
  if (connection === null) return <Box sx={{ flex: 1, backgroundColor: SURFACES.terminal }} />;

  const bringBack = () => {
    reconnect();
    setActive();
    terminalOf(connection).terminal.focus();
  };
  return (
    <>
      <TerminalPane connection={connection} label={`Terminal of ${labelOf(pair)}`} />
      <StatusLine connection={connection} status={status} details={snapshot} onReconnect={bringBack} />
    </>
  );
}
