// Messages that a connection has given up on, for `drain` to return: bounded as the queue is that they come
// from. It must not know why they were not sent.

import { byteLength, type Message } from './payload.js';
import type { Payload } from './types.js';

export class Kept {
  #messages: Message[] = [];
  #bytes = 0;

  /** Keeps them, and of all only the newest: so many bytes at most, and, as empty ones cost too, messages. */
  add(messages: readonly Message[], limit: number): void {
    // One by one: as arguments of one call, so many would overflow the stack.
    for (const message of messages) {
      this.#messages.push(message);
      this.#bytes += byteLength(message);
    }
    let gone = 0;
    while (this.#bytes > limit || this.#messages.length - gone > limit) {
      this.#bytes -= byteLength(this.#messages[gone]!);
      gone += 1;
    }
    this.#messages.splice(0, gone);
  }

  /** Returns each message once. */
  take(): Payload[] {
    const taken = this.#messages;
    this.#messages = [];
    this.#bytes = 0;
    return taken;
  }
}
