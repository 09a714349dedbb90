// Tells the server a terminal's size, one request at a time: while a window is being dragged, two at once
// could arrive in the wrong order and leave the shell with the older size. Measures nothing itself.

import type { Size } from './api';

export class SizeReporter {
  readonly #put: (size: Size) => Promise<void>;
  #latest: Size | null = null;
  #due: Size | null = null;
  #delivery: Promise<void> | null = null;

  constructor(put: (size: Size) => Promise<void>) {
    this.#put = put;
  }

  /** Tells the server, unless it was told this size last. */
  report(size: Size): void {
    if (this.#latest?.cols === size.cols && this.#latest.rows === size.rows) return;
    this.#latest = size;
    this.#send(size);
  }

  /** Tells it once more: a server that was started again has forgotten. */
  repeat(): void {
    if (this.#latest !== null) this.#send(this.#latest);
  }

  #send(size: Size): void {
    this.#due = size;
    this.#delivery ??= this.#deliver();
  }

  async #deliver(): Promise<void> {
    while (this.#due !== null) {
      const size = this.#due;
      this.#due = null;
      // A server that is away is told by repeat(), when the connection opens again.
      await this.#put(size).catch(() => undefined);
    }
    this.#delivery = null;
  }
}
