// Whether a terminal takes input: not while its connection may only read. It must not undo what the page wants besides.

import type { IDisposable, Terminal } from '@xterm/xterm';

import type { EnvSocket } from './envsocket.js';

const INPUT = 'disableStdin';

export class Access implements IDisposable {
  readonly #connection: EnvSocket;
  readonly #terminal: Terminal;
  /** Gives the option back; null while it is the page's. */
  #giveBack: (() => void) | null = null;

  constructor(connection: EnvSocket, terminal: Terminal) {
    this.#connection = connection;
    this.#terminal = terminal;
    this.follow();
  }

  /** The connection may do something else now. */
  follow(): void {
    if (!this.#connection.isReadOnly) this.dispose();
    else this.#giveBack ??= take(this.#terminal.options);
  }

  dispose(): void {
    this.#giveBack?.();
    this.#giveBack = null;
  }
}

/** Disables the input. What the page sets meanwhile holds as soon as the option is given back. */
function take(options: Terminal['options']): () => void {
  let wanted = options[INPUT] ?? false;
  options[INPUT] = true;
  // Nobody is told that an option was set to what it is.
  const own = Object.getOwnPropertyDescriptor(options, INPUT)!;
  Object.defineProperty(options, INPUT, { ...own, set: (value: boolean) => (wanted = value) });
  return () => {
    Object.defineProperty(options, INPUT, own);
    options[INPUT] = wanted;
  };
}
