// Whether a terminal takes input: not while its connection may only read. It must not undo what the page wants besides.

import type { IDisposable, Terminal } from '@xterm/xterm';

import type { EnvSocket } from './envsocket.js';

export class Access implements IDisposable {
  readonly #connection: EnvSocket;
  readonly #terminal: Terminal;
  /** What the page had set; null while it is as it was. */
  #before: boolean | null = null;

  constructor(connection: EnvSocket, terminal: Terminal) {
    this.#connection = connection;
    this.#terminal = terminal;
    this.follow();
  }

  /** The connection may do something else now. */
  follow(): void {
    const { options } = this.#terminal;
    if (!this.#connection.isReadOnly) {
      this.dispose();
    } else if (this.#before === null) {
      this.#before = options.disableStdin ?? false;
      options.disableStdin = true;
    }
  }

  dispose(): void {
    if (this.#before !== null) this.#terminal.options.disableStdin = this.#before;
    this.#before = null;
  }
}
