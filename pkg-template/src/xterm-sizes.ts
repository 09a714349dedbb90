// Which size a terminal has: the one that its place on the page wants, or the one that the output is made for. It
// must not tell the server what the server has said.

import type { IDisposable, Terminal } from '@xterm/xterm';

import type { EnvSocket } from './envsocket.js';
import type { TerminalSize } from './types.js';

/** The most columns or rows that a server can ask for: by its leave the page would have gigabytes of cells. */
const MOST_CELLS = 1_000;

/** xterm.js has no terminal that is narrower. */
const LEAST_COLS = 2;

/**
 * The terminal of the connection that counts has the size that is wanted here, and the server is told. Any other
 * shows what is made for that one, at its size; so does this one as long as what it shows is old.
 *
 * What is shown at another size is not resized meanwhile, not even there and back: on that way xterm.js cuts off
 * what does not fit, and forgets the scrolling region. So `terminal.resize` is another function until `dispose`.
 */
export class Sizes {
  readonly #connection: EnvSocket;
  readonly #terminal: Terminal;
  /** The terminal's own. */
  readonly #resize: Terminal['resize'];
  readonly #resizeIfShown = (cols: number, rows: number) => this.#want(cols, rows);
  readonly #resizing: IDisposable;
  #wanted: TerminalSize;
  /** What the server has said last; null: nothing. */
  #announced: TerminalSize | null = null;
  /** What the terminal has once all is written: this size, or, if null, the one that is wanted by then. */
  #shown: TerminalSize | null = null;
  /** How many sizes are written and not parsed. */
  #coming = 0;
  #isOver = false;

  constructor(connection: EnvSocket, terminal: Terminal) {
    this.#connection = connection;
    this.#terminal = terminal;
    this.#wanted = { cols: terminal.cols, rows: terminal.rows };
    connection.resize(terminal.cols, terminal.rows);
    this.#resizing = terminal.onResize((size) => this.#resized(size));
    this.#resize = terminal.resize;
    terminal.resize = this.#resizeIfShown;
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
    this.#isOver = true;
    this.#resizing.dispose();
    // Unless somebody has put another one before ours, which goes on calling it.
    if (this.#terminal.resize === this.#resizeIfShown) this.#terminal.resize = this.#resize;
  }

  /** Whether the terminal has, or is about to have, another size than its place wants. */
  get #isElsewhere(): boolean {
    return this.#shown !== null || this.#coming > 0;
  }

  /** In order with what is written. */
  #show(size: TerminalSize | null): void {
    if (size === this.#shown || (size && this.#shown && isSame(size, this.#shown))) return;
    this.#shown = size;
    this.#coming += 1;
    this.#terminal.write('', () => {
      const { cols, rows } = size ? bounded(size) : this.#wanted;
      try {
        this.#resize.call(this.#terminal, cols, rows);
      } catch (error) {
        // xterm.js would never parse again.
        reportError(error);
      } finally {
        this.#coming -= 1;
      }
    });
  }

  /** In place of `terminal.resize`. */
  #want(cols: number, rows: number): void {
    const terminal = this.#terminal;
    if (this.#isOver || !this.#isElsewhere) {
      this.#resize.call(terminal, cols, rows);
      return;
    }
    this.#tell({ cols: Math.max(cols, LEAST_COLS), rows: Math.max(rows, 1) });
    // Whoever fits it has cleared it before.
    terminal.refresh(0, terminal.rows - 1);
  }

  #resized(size: TerminalSize): void {
    if (!this.#isElsewhere) this.#tell(size);
  }

  /**
   * Whoever changes the size changes what is wanted. A page that fits its terminal again, and wants nothing new, is
   * not heard of: what the server knows, it is not told again. Or two of them would take the size from each other
   * for ever.
   */
  #tell(size: TerminalSize): void {
    this.#connection.resize(size.cols, size.rows);
    this.#wanted = size;
  }
}

function bounded({ cols, rows }: TerminalSize): TerminalSize {
  return { cols: Math.min(cols, MOST_CELLS), rows: Math.min(rows, MOST_CELLS) };
}

function isSame(a: TerminalSize, b: TerminalSize): boolean {
  return a.cols === b.cols && a.rows === b.rows;
}
