// `envsocket/xterm`: terminals over connections. The addon joins an xterm.js Terminal to a connection;
// `keepTerminal` keeps the Terminal alive while nothing of it is on the page. It must not import the wasm
// nor xterm.js itself.

import type { IDisposable, ITerminalAddon, Terminal } from '@xterm/xterm';

import type { EnvSocket } from './envsocket.js';

/**
 * Writes what the connection receives to the terminal, sends what is typed, and tells the terminal's size.
 * Each `open` resets the terminal, because the server then sends the screen's recent output again, and so
 * does a `gap` that a snapshot follows; a reconnect that lost nothing leaves it as it is. Binary messages are
 * wanted as bytes, so it sets `connection.binaryType` to `'arraybuffer'`.
 */
export class EnvSocketAddon implements ITerminalAddon {
  readonly #connection: EnvSocket;
  readonly #detach = new AbortController();
  #typing: IDisposable[] = [];
  #input: 'taken' | 'refused' = 'taken';

  constructor(connection: EnvSocket) {
    this.#connection = connection;
  }

  /** Called by `Terminal.loadAddon`. */
  activate(terminal: Terminal): void {
    const connection = this.#connection;
    const { signal } = this.#detach;
    connection.binaryType = 'arraybuffer';
    // After what was received before: the terminal may still have that to write. And out of the escape sequence
    // that it may have been cut in, which `reset` goes on reading: CAN ends any.
    const reset = () => terminal.write('\x18', () => terminal.reset());
    connection.addEventListener('open', reset, { signal });
    connection.addEventListener(
      'gap',
      ({ detail }) => {
        if (detail.snapshot) reset();
      },
      { signal },
    );
    connection.addEventListener(
      'statuschange',
      ({ detail }) => {
        if (detail.status === 'connected') this.#input = 'taken';
      },
      { signal },
    );
    connection.addEventListener(
      'message',
      ({ data }: MessageEvent<string | ArrayBuffer>) => {
        terminal.write(typeof data === 'string' ? data : new Uint8Array(data));
      },
      { signal },
    );
    connection.resize(terminal.cols, terminal.rows);
    this.#typing = [
      terminal.onResize(({ cols, rows }) => connection.resize(cols, rows)),
      terminal.onData((text) => this.#send(text)),
      // Old mouse reports are no text: one byte a character.
      terminal.onBinary((bytes) => this.#send(Uint8Array.from(bytes, (char) => char.charCodeAt(0)))),
    ];
  }

  /** Lets go of the connection, which lives on. */
  dispose(): void {
    this.#detach.abort();
    for (const typing of this.#typing) typing.dispose();
  }

  /**
   * Nothing is typed into a shell that has ended. Once something did not fit into the queue, nothing more is taken
   * until the link is back or, on an open one, all that waited is gone: a command with a hole in it would be
   * another command.
   */
  #send(data: string | Uint8Array<ArrayBuffer>): void {
    const connection = this.#connection;
    if (connection.readyState > connection.OPEN) return;
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

/** What was typed so long ago is not typed any more: by now the shell may ask something else. */
const STALE_INPUT_MS = 5_000;

/** A Terminal that lives as long as its connection, on the page or off it. */
export interface KeptTerminal {
  readonly terminal: Terminal;
  /**
   * Shows it in `host`, exactly as it was: its element is moved there, and opened the first time. Returns
   * what takes it out of `host` again, unless it was moved on by then; it goes on receiving. Off the page,
   * it is disposed of as soon as its connection is closed.
   */
  mount(host: HTMLElement): () => void;
}

class Kept implements KeptTerminal {
  readonly terminal: Terminal;
  readonly #connection: EnvSocket;
  readonly #frame = document.createElement('div');
  readonly #disposed = new AbortController();

  constructor(connection: EnvSocket, terminal: Terminal) {
    this.#connection = connection;
    this.terminal = terminal;
    this.#frame.style.height = '100%';
    connection.suggest({ maxInputAgeMs: STALE_INPUT_MS });
    terminal.loadAddon(new EnvSocketAddon(connection));
    connection.addEventListener('close', () => this.#disposeIfOver(), { signal: this.#disposed.signal });
  }

  mount(host: HTMLElement): () => void {
    host.append(this.#frame);
    if (!this.terminal.element) this.terminal.open(this.#frame);
    return () => {
      if (this.#frame.parentElement !== host) return;
      this.#frame.remove();
      this.#disposeIfOver();
    };
  }

  #disposeIfOver(): void {
    if (this.#frame.isConnected || this.#connection.readyState !== this.#connection.CLOSED) return;
    this.#disposed.abort();
    kept.delete(this.#connection);
    this.terminal.dispose();
  }
}

const kept = new WeakMap<EnvSocket, Kept>();

/**
 * The connection's Terminal: made by `create` the first time, with an {@link EnvSocketAddon} loaded, and
 * the same one from then on, until the connection is closed and the terminal is off the page. From the
 * connection's next attempt on its `maxInputAgeMs` is 5 000, unless it was set before, on it or on its
 * manager.
 */
export function keepTerminal(connection: EnvSocket, create: () => Terminal): KeptTerminal {
  let terminal = kept.get(connection);
  if (!terminal) {
    terminal = new Kept(connection, create());
    kept.set(connection, terminal);
  }
  return terminal;
}
