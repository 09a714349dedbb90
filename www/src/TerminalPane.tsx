// The place on the page where a connection's terminal is shown. It lends the place and measures it; the
// terminal itself is kept elsewhere and is only passing through.

import '@xterm/xterm/css/xterm.css';
import Box from '@mui/material/Box';
import type { EnvSocket } from 'envsocket';
import { useEffect, useLayoutEffect, useRef } from 'react';
import { fitTerminal, terminalOf } from './terminals';
import { SURFACES } from './theme';

export function TerminalPane({ connection, label }: { connection: EnvSocket; label: string }) {
  const host = useRef<HTMLDivElement>(null);

  useLayoutEffect(() => {
    const place = host.current;
    if (place === null) return;
    const takeOut = terminalOf(connection).mount(place);
    fitTerminal(connection);
    const observer = new ResizeObserver(() => fitTerminal(connection));
    observer.observe(place);
    return () => {
      observer.disconnect();
      takeOut();
    };
  }, [connection]);

  // After the effects of a dialog or drawer that closes in the same commit: MUI gives the focus back to the
  // button that opened it, and hides the page from assistive technology until then.
  useEffect(() => terminalOf(connection).terminal.focus(), [connection]);

  return (
    // The padding is the outer box's: FitAddon counts the cells in the inner one's full width.
    <Box sx={{ flex: 1, minHeight: 0, p: 1.5, pr: 0.5, backgroundColor: SURFACES.terminal }}>
      <Box ref={host} role="group" aria-label={label} data-testid="terminal" sx={{ height: '100%' }} />
    </Box>
  );
}
