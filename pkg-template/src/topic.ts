// One channel of a connection: what it has had lately, and who is told of it. It must not know where that comes from.

import { exception, report, typeError } from './errors.js';
import type { Channel, ChannelListener } from './types.js';

interface Entry {
  readonly listener: ChannelListener<unknown>;
  isRemoved: boolean;
}

export class Topic implements Channel<unknown> {
  isClosed = false;
  /** The latest message; undefined before the first. */
  latest: unknown;
  readonly name: string;
  readonly #closed: () => void;
  #bound: number;
  #kept: unknown[] = [];
  /** The same, for others; made when it is asked for. */
  #history: readonly unknown[] | undefined;
  /** In the order of their calls. Never changed in place: a call may be under way. */
  #entries: readonly Entry[] = [];
  /** Those that are told that something has changed, and look for themselves. */
  #watchers: readonly (() => void)[] = [];

  constructor(name: string, bound: number, closed: () => void) {
    this.name = name;
    this.#bound = bound;
    this.#closed = closed;
  }

  get history(): readonly unknown[] {
    return (this.#history ??= Object.freeze([...this.#kept]));
  }

  get listeners(): number {
    return this.#entries.length + this.#watchers.length;
  }

  subscribe(listener: ChannelListener<unknown>): () => void {
    if (typeof listener !== 'function') throw typeError('listener', 'must be a function');
    if (this.isClosed) throw exception('InvalidStateError', 'subscribe: the channel is closed');
    const entry: Entry = { listener, isRemoved: false };
    const { history } = this;
    this.#entries = [...this.#entries, entry];
    for (const data of history) tell(entry, data, true);
    return () => {
      entry.isRemoved = true;
      this.#entries = this.#entries.filter((other) => other !== entry);
    };
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    for (const entry of this.#entries) entry.isRemoved = true;
    this.#entries = [];
    this.#watchers = [];
    this.#closed();
  }

  /** Calls back once for each change, however many messages it brings. */
  watch(callback: () => void): () => void {
    // One for each call, though it be the same function.
    const watcher = () => callback();
    this.#watchers = [...this.#watchers, watcher];
    return () => void (this.#watchers = this.#watchers.filter((other) => other !== watcher));
  }

  /** Keeps so many messages from now on, if those are more. */
  widen(bound: number): void {
    this.#bound = Math.max(this.#bound, bound);
  }

  /** A message has come. */
  add(data: unknown): void {
    this.#keep([data]);
    this.latest = data;
    // Whoever subscribes while they are told has it from the history.
    for (const entry of this.#entries) tell(entry, data, false);
    this.#look();
  }

  /**
   * These are all that there were. Returns what tells of the first, of the second, and so on; of those that are not
   * kept, it tells nothing.
   */
  replace(history: readonly unknown[]): () => void {
    this.#kept = [];
    this.#keep(history.slice(Math.max(history.length - this.#bound, 0)));
    this.latest = history.at(-1);
    const entries = this.#entries;
    const skipped = history.length - this.#kept.length;
    let at = 0;
    return () => {
      const data = history[at];
      at += 1;
      if (at > skipped) for (const entry of entries) tell(entry, data, true);
      if (at === history.length) this.#look();
    };
  }

  #keep(messages: readonly unknown[]): void {
    for (const message of messages) {
      this.#kept.push(message);
      if (this.#kept.length > this.#bound) this.#kept.shift();
    }
    this.#history = undefined;
  }

  #look(): void {
    for (const watcher of this.#watchers) {
      try {
        watcher();
      } catch (error) {
        report(error);
      }
    }
  }
}

function tell(entry: Entry, data: unknown, isHistory: boolean): void {
  if (entry.isRemoved) return;
  try {
    entry.listener(data, isHistory);
  } catch (error) {
    report(error);
  }
}
