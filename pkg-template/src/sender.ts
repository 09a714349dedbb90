// What the application sends, until the engine or a native socket has it, and what the engine gave back. It must
// not decide what happens to a message: it only knows the ways.

import { BlobLine, type Exit } from './blob-line.js';
import { Kept } from './kept.js';
import type { Link } from './link.js';
import { DROP_OLDEST, MAX_QUEUED_BYTES, QUEUE_POLICY } from './options.js';
import { byteLength, copied, isBlob, type Message } from './payload.js';
import { OPEN } from './status.js';
import type { Payload } from './types.js';

/** What may wait, and is kept, when nobody says how much; the engine knows it, too. */
const DEFAULT_QUEUED_BYTES = 1 << 20;

/** Why the engine has not taken a message. */
export const CLOSED = 1;
const FULL = 2;
export const READ_ONLY = 3;
export const REASONS = {
  [CLOSED]: 'the connection is over',
  [FULL]: 'the send queue is full',
  [READ_ONLY]: 'read-only',
};

export class Sender implements Exit {
  readonly #link: Link;
  readonly #line = new BlobLine(this);
  /** For `drain`. */
  readonly #kept = new Kept();
  /** What is out of the line and will not be sent, though nobody was told yet. */
  #givenUp: [messages: Message[], reason: string][] = [];

  constructor(link: Link) {
    this.#link = link;
  }

  get #engine() {
    return this.#link.plan.core.engine;
  }

  /** Bytes that wait for a Blob to be read, its own included. */
  get waitingBytes(): number {
    return this.#line.bytes;
  }

  /** Bytes that count against `maxQueuedBytes`. */
  get queuedBytes(): number {
    return this.#engine.queuedBytes(this.#link.id) + this.waitingBytes;
  }

  /** Sends or queues; the engine's number for why not, else 0. `isOurs`: nobody can change its bytes. */
  send(message: Message, bytes: number, isOurs = false): number {
    if (this.#line.length > 0 || (isBlob(message) && this.#link.readsBlobs)) {
      return this.#wait(isOurs ? message : copied(message), bytes);
    }
    return this.#give(message, bytes, isOurs);
  }

  /** What was queued and never handed to a socket. Each message is returned once. */
  drain(): Payload[] {
    const { id } = this.#link;
    const queued = this.#engine.drain(id) as Payload[];
    const givenUp = this.#givenUp.splice(0).flatMap(([messages]) => messages);
    const taken = [...queued, ...givenUp, ...this.#line.take()];
    this.#link.conversation?.questions.unsent(taken, 'drain() took it back');
    return [...this.#kept.take(), ...taken];
  }

  /** Keeps what will not be sent for `drain`. */
  keep(messages: readonly Message[]): void {
    this.#kept.add(messages, this.#limit);
  }

  /** A new life forgets what the old one kept. */
  forget(): void {
    this.#kept.take();
  }

  /** What waits for a Blob now is what `giveUpMarked` means, and nothing that is sent later. */
  mark(): void {
    this.#line.mark();
  }

  /**
   * Nothing that waited for a Blob at the mark will be sent. It was sent after what the engine gives up for the same
   * reason, and is told after that: by `tellGivenUp`.
   */
  giveUpMarked(reason: string): void {
    const messages = this.#line.takeMarked();
    if (messages.length > 0) this.#givenUp.push([messages, reason]);
  }

  /** The same of all that waits for a Blob. */
  giveUp(reason: string): void {
    this.mark();
    this.giveUpMarked(reason);
  }

  /** Tells of what was given up. */
  tellGivenUp(): void {
    for (const [messages, reason] of this.#givenUp.splice(0)) this.#discard(messages, reason, true);
  }

  forward(message: Message, bytes: number): void {
    const refusal = this.#give(message, bytes, true);
    if (refusal !== 0) this.#discard([message], REASONS[refusal as typeof CLOSED], true);
  }

  unreadable(blob: Message): void {
    this.#discard([blob], 'the Blob cannot be read', true);
  }

  /** Past nothing that waits here. Bytes that are the caller's own may change afterwards. */
  #give(message: Message, bytes: number, isOurs: boolean): number {
    const { id, native, speaksV1 } = this.#link;
    // Not by what the engine has heard: between the peer's close and its event, sockets drop in silence.
    const isOpen = native?.readyState === OPEN;
    if (isOpen && !speaksV1 && this.#engine.passes(id, bytes)) {
      native.send(message);
      return 0;
    }
    const kept = isOurs ? message : copied(message);
    if (isOpen && speaksV1 && this.#engine.record(id, kept, bytes)) {
      native.send(escaped(kept));
      return 0;
    }
    return this.#engine.send(id, kept, bytes);
  }

  /** Behind a Blob that is being read, or to be read itself; within the bound of the queue. Nobody can change it. */
  #wait(message: Message, bytes: number): number {
    const { id, plan, socket } = this.#link;
    if (socket.readyState > OPEN) return CLOSED;
    if (this.#link.isReadOnly) return READ_ONLY;
    const line = this.#line;
    const limit = this.#limit;
    const makesRoom = plan.number(QUEUE_POLICY) === DROP_OLDEST;
    // What waits in the engine makes room for itself.
    const others = bytes + (makesRoom ? 0 : this.#engine.queuedBytes(id));
    const fits = () => line.bytes + others <= limit && line.length < limit;
    if (!fits()) {
      if (!makesRoom || bytes > limit || limit === 0) return FULL;
      const dropped: Message[] = [];
      while (!fits()) dropped.push(line.shift()!);
      // Before listeners hear of it: what they send is sent later.
      line.add(message);
      this.#discard(dropped, REASONS[FULL], false);
      return 0;
    }
    line.add(message);
    return 0;
  }

  get #limit(): number {
    const limit = this.#link.plan.number(MAX_QUEUED_BYTES);
    return Number.isNaN(limit) ? DEFAULT_QUEUED_BYTES : limit;
  }

  #discard(messages: Message[], reason: string, kept: boolean): void {
    const bytes = messages.reduce((sum, message) => sum + byteLength(message), 0);
    if (messages.length > 0) this.#link.tellDiscarded(messages, bytes, reason, kept);
  }
}

/** Text that begins with U+0000 would be a control frame: it gets one more in front. */
function escaped(message: Message): Message {
  return typeof message === 'string' && message.charCodeAt(0) === 0 ? `\0${message}` : message;
}
