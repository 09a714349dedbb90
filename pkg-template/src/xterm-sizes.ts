// Which size a terminal has: the one that its place on the page wants, or the one that the output is made for. It
// must not tell the server what the server has said.

import type { IDisposable, Terminal } from '@xterm/xterm';

import type { EnvSocket } from './envsocket.js';
import type { TerminalSize } from './types.js';

/**
 * The terminal of the connection that counts has the size that is wanted here, and the server is told. Any other
 * shows what is made for that one, at its size; so does this one as long as what it shows is old.
 */
export class Sizes {
  readonly #connection: EnvSocket;
  readonly #terminal: Terminal;
  readonly #resizing: IDisposable;
  #wanted: TerminalSize;
  /** What the server has said last; null: nothing. */
  #announced: TerminalSize | null = null;
  /** What the terminal has once all is written: this size, or, if null, the one that is wanted by then. */
  #shown: TerminalSize | null = null;
  #isOurs = false;

  constructor(connection: EnvSocket, terminal: Terminal) {
    this.#connection = connection;
    this.#terminal = terminal;
    this.#wanted = { cols: terminal.cols, rows: terminal.rows };
    connection.resize(terminal.cols, terminal.rows);
    this.#resizing = terminal.onResize((size) => this.#resized(size));
  }

  /** A session begins. */
  begin(): void {
    this.#announced = null;
    this.#show(null);
  }

  /** The output goes on for this size. */
  announce(size: TerminalSize): void {
    this.#announced = size;
    if (!this.#connection.isController) this.#show(size);
    else if (isSame(size, this.#wanted)) this.#show(null);
  }

  /** This terminal is the one that counts, or is it no longer. */
  take(isController: boolean): void {
    this.#show(isController ? null : this.#announced);
  }

  /** Before a message is written. */
  write(isReplayed: boolean): void {
    this.#show(isReplayed || !this.#connection.isController ? this.#announced : null);
  }

  dispose(): void {
    this.#resizing.dispose();
  }

  /** In order with what is written. */
  #show(size: TerminalSize | null): void {
    if (size === this.#shown || (size && this.#shown && isSame(size, this.#shown))) return;
    this.#shown = size;
    this.#resizeInOrder(() => size ?? this.#wanted);
  }

  #resizeInOrder(size: () => TerminalSize): void {
    this.#terminal.write('', () => {
      const { cols, rows } = size();
      this.#isOurs = true;
      try {
        this.#terminal.resize(cols, rows);
      } finally {
        this.#isOurs = false;
      }
    });
  }

  /**
   * Whoever changes the size changes what is wanted. A page that fits its terminal again, and wants nothing new, is
   * not heard of: what the server knows, it is not told again. Or two of them would take the size from each other
   * for ever. Until this terminal counts it goes on showing what others have made.
   */
  #resized({ cols, rows }: TerminalSize): void {
    if (this.#isOurs) return;
    this.#wanted = { cols, rows };
    this.#connection.resize(cols, rows);
    if (this.#shown) this.#resizeInOrder(() => this.#shown ?? this.#wanted);
  }
}

function isSame(a: TerminalSize, b: TerminalSize): boolean {
  return a.cols === b.cols && a.rows === b.rows;
}
