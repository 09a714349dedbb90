// One component's view of a channel: what it had, and what comes, over all lives of the connection. It must not know
// React, and must open nothing before it is started: React makes some that it never shows.

import type { EnvSocket } from './envsocket.js';
import type { Topic } from './topic.js';
import type { ChannelOptions } from './types.js';

/** What a channel has had. */
export interface UseChannelResult<T> {
  /** The latest message; undefined before the first. */
  readonly data: T | undefined;
  /** The latest messages, oldest first; the same array until there is another one. */
  readonly history: readonly T[];
}

/** @internal */
export const SILENCE: UseChannelResult<never> = Object.freeze({ data: undefined, history: Object.freeze([]) });

/** @internal */
export class ChannelUse {
  /** The one that was looked at last. After its connection's end it stays, until another life has another one. */
  #topic: Topic | undefined;
  #state: UseChannelResult<unknown> = SILENCE;

  constructor(
    readonly connection: EnvSocket | null,
    readonly name: string,
    readonly history: number | undefined,
  ) {}

  /** Opens the channel, and calls back whenever it has something new. Returns what ends that; the channel goes on. */
  readonly start = (changed: () => void): (() => void) => {
    const { connection, name, history } = this;
    if (!connection) return () => undefined;
    const options: ChannelOptions = history === undefined ? {} : { history };
    let topic: Topic | undefined;
    let stop: () => void = () => undefined;
    const follow = () => {
      // Another life has other channels.
      if (topic?.isClosed === false || connection.readyState === connection.CLOSED) return;
      this.#topic = topic = connection.channel(name, options) as Topic;
      stop = topic.watch(changed);
      changed();
    };
    follow();
    connection.addEventListener('statuschange', follow);
    return () => {
      connection.removeEventListener('statuschange', follow);
      stop();
    };
  };

  /** The same object until there is something new. */
  readonly look = (): UseChannelResult<unknown> => {
    const topic = this.connection?.peekChannel(this.name) ?? this.#topic;
    if (!topic) return this.#state;
    const { latest: data, history } = topic;
    if (!Object.is(data, this.#state.data) || history !== this.#state.history) this.#state = { data, history };
    return this.#state;
  };
}
