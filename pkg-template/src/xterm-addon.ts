// Joins an xterm.js Terminal to a connection. It must not import xterm.js itself, nor the wasm.

import type { IDisposable, ITerminalAddon, Terminal } from '@xterm/xterm';

import type { EnvSocket } from './envsocket.js';
import { Access } from './xterm-access.js';
import { Credit } from './xterm-credit.js';
import { Queries } from './xterm-queries.js';
import { Sizes } from './xterm-sizes.js';
import { Characters } from './xterm-utf8.js';

/** Ends any sequence that the output was cut in; as a byte, a character, too. */
const CANCEL = Uint8Array.of(0x18);

/**
 * Writes what the connection receives to the terminal, sends what is typed, and tells the terminal's size.
 *
 * - Each `open` resets the terminal, because the server then sends the screen's recent output again, and so does a
 *   `gap` that a snapshot follows; a reconnect that lost nothing leaves it as it is.
 * - A server of the resume protocol sends only so much as its window holds before the terminal has parsed it: a
 *   flood fills neither the page nor the server. A hidden page that is behind takes nothing until it is seen.
 * - What programs ask of the terminal is answered if it was asked now, and by the terminal that was used last.
 * - While the connection may only read, the terminal takes no input (`options.disableStdin`).
 * - That one has the size that it was given, and tells the server; others have the size of what they show, and for
 *   them `terminal.resize` only tells the server.
 *
 * Binary messages are wanted as bytes, so it sets `connection.binaryType` to `'arraybuffer'`. Load it after addons
 * that answer queries: of those that it finds it can hold the answers back.
 */
export class EnvSocketAddon implements ITerminalAddon {
  readonly #connection: EnvSocket;
  readonly #detach = new AbortController();
  #parts: IDisposable[] = [];
  #input: 'taken' | 'refused' = 'taken';

  constructor(connection: EnvSocket) {
    this.#connection = connection;
  }

  /** Called by `Terminal.loadAddon`. */
  activate(terminal: Terminal): void {
    const connection = this.#connection;
    const { signal } = this.#detach;
    connection.binaryType = 'arraybuffer';
    const access = new Access(connection, terminal);
    const credit = new Credit();
    const queries = new Queries(terminal);
    const sizes = new Sizes(connection, terminal);
    const characters = new Characters();
    // After what was received before: the terminal may still have that to write. And out of the escape sequence
    // that it may have been cut in, which `reset` goes on reading.
    const reset = () => {
      characters.forget();
      terminal.write(CANCEL, () => terminal.reset());
    };
    const on: EnvSocket['addEventListener'] = (type: string, listener: EventListener) =>
      connection.addEventListener(type, listener, { signal });
    on('open', () => {
      reset();
      sizes.begin();
    });
    on('gap', ({ detail }) => {
      if (detail.snapshot) reset();
    });
    on('size', ({ detail }) => sizes.announce(detail));
    on('rolechange', ({ detail }) => sizes.take(detail.controller));
    on('accesschange', () => access.follow());
    on('statuschange', ({ detail }) => {
      if (detail.status === 'connected') this.#input = 'taken';
    });
    on('message', ({ data, isTrusted }: MessageEvent<string | ArrayBuffer>) => {
      const { isController, isReplaying } = connection;
      queries.write(isController && !isReplaying);
      sizes.write(isReplaying);
      const text = typeof data === 'string' ? data : characters.take(new Uint8Array(data));
      // What a plain server sends has no credit, nor has what a program dispatches by hand.
      const giveBack = isTrusted && connection.hasCredit ? connection.holdCredit() : undefined;
      terminal.write(text, giveBack && credit.take(text.length, giveBack));
    });
    this.#parts = [
      access,
      credit,
      queries,
      sizes,
      terminal.onData((text) => {
        if (!queries.isUnwanted(text)) this.#send(text);
      }),
      // Old mouse reports are no text: one byte a character.
      terminal.onBinary((bytes) => this.#send(Uint8Array.from(bytes, (char) => char.charCodeAt(0)))),
    ];
  }

  /** Lets go of the connection, which lives on. */
  dispose(): void {
    this.#detach.abort();
    this.#parts.forEach((part) => part.dispose());
  }

  /**
   * Nothing is typed into a shell that has ended. Once something did not fit into the queue, nothing more is taken
   * until the link is back or, on an open one, all that waited is gone: a command with a hole in it would be
   * another command.
   */
  #send(data: string | Uint8Array<ArrayBuffer>): void {
    const connection = this.#connection;
    if (connection.readyState > connection.OPEN || connection.isReadOnly) return;
    if (this.#input === 'refused') {
      if (connection.status !== 'connected' || connection.queuedBytes > 0) return;
      this.#input = 'taken';
    }
    try {
      connection.send(data);
    } catch (error) {
      this.#input = 'refused';
      reportError(error);
    }
  }
}
