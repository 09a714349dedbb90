// One terminal a connection, alive for as long as the connection is, on the page or off it. Draws no React.

import { FitAddon } from '@xterm/addon-fit';
import { Terminal } from '@xterm/xterm';
import type { EnvSocket } from 'envsocket';
import { keepTerminal, type KeptTerminal } from 'envsocket/xterm';
import { TERMINAL_OPTIONS } from './terminalTheme';

const fitAddons = new WeakMap<Terminal, FitAddon>();

/** The connection's terminal; the same one for as long as the connection lives. */
export function terminalOf(connection: EnvSocket): KeptTerminal {
  return keepTerminal(connection, createTerminal);
}

/** Gives the terminal as many cells as its place on the page has room for; the package tells the shell. */
export function fitTerminal(connection: EnvSocket): void {
  const { terminal } = terminalOf(connection);
  const addon = fitAddons.get(terminal);
  // A place of no size, as in a hidden page, would come out as 2 by 1 cells.
  if (addon?.proposeDimensions() === undefined) return;
  addon.fit();
}

function createTerminal(): Terminal {
  const terminal = new Terminal(TERMINAL_OPTIONS);
  const addon = new FitAddon();
  terminal.loadAddon(addon);
  fitAddons.set(terminal, addon);
  return terminal;
}
