// A Terminal that lives as long as its connection, on the page or off it. It must not import xterm.js itself, nor
// the wasm.

import type { Terminal } from '@xterm/xterm';

import type { EnvSocket } from './envsocket.js';
import { EnvSocketAddon } from './xterm-addon.js';

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
    // Made for a larger one, its screen must not stretch the page, which would fit it again.
    this.#frame.style.overflow = 'hidden';
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
