// One question at a time: what was asked over a connection, and who waits for the answer. The gate and its time are the
// engine's; the promises are here. It must not keep a question that the engine does not know, nor know what answers
// look like (answers.ts).

import { type Answering, answering, readAsking, worded } from './answers.js';
import { trace } from './debug.js';
import { BusyError, exception, report } from './errors.js';
import type { Heard } from './heard.js';
import type { Link } from './link.js';
import { byteLength, type Message } from './payload.js';
import { refused, tooEarly } from './refusals.js';
import { CLOSED, READ_ONLY } from './sender.js';
import type { Question } from './types.js';

/** The `readyState`s of a socket that takes nothing yet, and of one that does. */
const CONNECTING = 0;
const OPEN = 1;

/** What the engine says instead of a question's number. */
const BUSY = 0;

/** Why a question was lost, by the engine's numbers. */
const TIMED_OUT = 0;
const LOSSES: readonly [name: string, why: string][] = [
  ['TimeoutError', 'no answer came in time'],
  ['NetworkError', 'the link is gone, and this server cannot resume: nobody knows what became of the question'],
  ['NetworkError', 'the session is lost, and the question with it'],
  ['InvalidStateError', 'the connection is over'],
];

/** A question that waits. */
interface Asked {
  readonly public: Question;
  /** Of the life in which it was asked. */
  readonly connection: number;
  /** As it was sent: the very bytes, or the text. */
  readonly message: Message;
  readonly timeoutMs: number;
  readonly answering: Answering;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly signal: AbortSignal | undefined;
  readonly abort: () => void;
}

export class Questions {
  readonly #link: Link;
  readonly #changed: () => void;
  /** By the engine's numbers. A second one is there while the loss of the first is still to be told. */
  readonly #asked = new Map<number, Asked>();
  readonly #watchers = new Set<() => void>();

  /** `changed` is called whenever there are more of them, or fewer. */
  constructor(link: Link, changed: () => void) {
    this.#link = link;
    this.#changed = changed;
  }

  get #engine() {
    return this.#link.plan.core.engine;
  }

  /** How many there are. */
  get count(): number {
    return this.#asked.size;
  }

  /** The one that waits. */
  get present(): Question | null {
    return this.#asked.get(this.#engine.question(this.#link.id))?.public ?? null;
  }

  /** Calls back when one was asked, or waits no more. */
  watch(callback: () => void): () => void {
    // One for each call, though it be the same function.
    const watcher = () => callback();
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  }

  ask(question: unknown, options: unknown): Promise<unknown> {
    // What this throws is what the promise rejects with.
    return new Promise((resolve, reject) => this.#ask(question, options, resolve, reject));
  }

  /** The engine says that it will have no answer. */
  lost(number: number, why: number): void {
    const asked = this.#take(number);
    if (!asked) return;
    const [name, text] = LOSSES[why]!;
    trace(this.#link, () => `a question is lost: ${text}`);
    const within = why === TIMED_OUT ? ` (${asked.timeoutMs} ms)` : '';
    asked.reject(exception(name, `ask: ${text}${within}`));
  }

  /** These will not be sent. */
  unsent(messages: readonly unknown[], why: string): void {
    for (const [number, { message }] of [...this.#asked]) {
      if (!messages.includes(message)) continue;
      this.#settle(number, true)?.reject(exception('NetworkError', `ask: the question was not sent: ${why}`));
    }
  }

  hear(heard: Heard): void {
    for (const [number, asked] of [...this.#asked]) {
      try {
        const answer = asked.answering(heard);
        if (answer) this.#settle(number, false)?.resolve(answer[0]);
      } catch (error) {
        this.#settle(number, true)?.reject(error);
      }
    }
  }

  #ask(question: unknown, options: unknown, resolve: Asked['resolve'], reject: Asked['reject']): void {
    const { timeoutMs, signal, answer } = readAsking(options);
    const id = newId();
    // This may call the application, for which nothing must have happened yet.
    const message = worded(question, id, answer);
    if (signal?.aborted) throw signal.reason;
    const number = this.#enter(timeoutMs);
    const abort = () => this.#settle(number, true)?.reject(signal!.reason);
    this.#asked.set(number, {
      public: Object.freeze({ id, question, askedAt: Date.now() }),
      connection: this.#link.id,
      message,
      timeoutMs,
      answering: answering(answer, id, (text) => this.#link.credentials.scrub(text)),
      resolve,
      reject,
      signal,
      abort,
    });
    signal?.addEventListener('abort', abort);
    // The engine takes the next message for the question's: nobody is told before that.
    const refusal = this.#link.sender.send(message, byteLength(message), true);
    if (refusal !== 0) this.#settle(number, true)?.reject(refused(refusal, 'ask', 'the question'));
    else if (this.#asked.has(number)) this.#tell();
  }

  /** The number of a question that is let in. */
  #enter(timeoutMs: number): number {
    const { id, isLiteral, socket } = this.#link;
    if (isLiteral && socket.readyState === CONNECTING) throw tooEarly('ask', 'the question');
    const number = this.#engine.ask(id, timeoutMs);
    if (number > BUSY) return number;
    if (number === BUSY) throw new BusyError();
    throw refused(socket.readyState > OPEN ? CLOSED : READ_ONLY, 'ask', 'the question');
  }

  /** Frees the gate first: who waits may ask again. */
  #settle(number: number, failed: boolean): Asked | undefined {
    const asked = this.#asked.get(number);
    if (asked) this.#engine.settleQuestion(asked.connection, number, failed);
    return this.#take(number);
  }

  #take(number: number): Asked | undefined {
    const asked = this.#asked.get(number);
    if (!asked) return undefined;
    this.#asked.delete(number);
    asked.signal?.removeEventListener('abort', asked.abort);
    this.#tell();
    return asked;
  }

  #tell(): void {
    this.#changed();
    for (const watcher of [...this.#watchers]) {
      try {
        watcher();
      } catch (error) {
        report(error);
      }
    }
  }
}

/** 128 bits. Not `randomUUID`, which pages without encryption lack. */
function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
