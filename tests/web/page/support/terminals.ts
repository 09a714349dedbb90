// Terminals over connections, and what they have parsed.

import { Terminal } from '@xterm/xterm';
import type { EnvSocket } from 'envsocket';
import { EnvSocketAddon } from 'envsocket/xterm';

/** All that is written by now is parsed. */
export function parsed(terminal: Terminal): Promise<void> {
  return new Promise((written) => terminal.write('', written));
}

/** What is on the screen and above it, once all that has arrived is written; without blank lines. */
export async function lines(terminal: Terminal): Promise<string[]> {
  await parsed(terminal);
  const { active } = terminal.buffer;
  const all = Array.from({ length: active.length }, (_, row) => active.getLine(row)!.translateToString(true));
  return all.filter((line) => line !== '');
}

/** One that is on the page, with its addon, which comes after what is loaded before. */
export function shown(
  socket: EnvSocket,
  options: ConstructorParameters<typeof Terminal>[0] = {},
  load: (terminal: Terminal) => void = () => undefined,
): Terminal {
  const terminal = new Terminal(options);
  load(terminal);
  terminal.loadAddon(new EnvSocketAddon(socket));
  terminal.open(document.body.appendChild(document.createElement('div')));
  return terminal;
}
