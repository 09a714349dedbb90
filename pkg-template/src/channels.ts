// The channels that an application wants of a connection: the messages { channel, data }, and the history that a server
// sends of them. It must not know what is in them, nor keep one that is closed.

import { exception, typeError } from './errors.js';
import type { Heard } from './heard.js';
import { object } from './options.js';
import { isWellFormed } from './text.js';
import { Topic } from './topic.js';

/** How many messages a channel keeps when nobody says it. */
const DEFAULT_HISTORY = 100;

/** So many characters a name may have. */
const MOST_CHARACTERS = 128;

/** What the name of a message ends in that brings histories. */
const HISTORY = ':history';

export class Channels {
  readonly #changed: () => void;
  readonly #open = new Map<string, Topic>();

  /** `changed` is called when the first one opens, and when the last one has closed. */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  get isEmpty(): boolean {
    return this.#open.size === 0;
  }

  /** How many are told of their messages. */
  get listeners(): number {
    return Array.from(this.#open.values(), ({ listeners }) => listeners).reduce((sum, count) => sum + count, 0);
  }

  /** The one with the name, if it is open. */
  find(name: string): Topic | undefined {
    return this.#open.get(name);
  }

  /** That one, or a new one. It keeps as much as anybody wants it to. */
  open(name: unknown, options: unknown): Topic {
    const known = checkName(name);
    const bound = readHistory(options);
    let topic = this.#open.get(known);
    if (!topic) {
      topic = new Topic(known, bound ?? DEFAULT_HISTORY, () => this.#forget(known));
      this.#open.set(known, topic);
      this.#changed();
    } else if (bound !== undefined) {
      topic.widen(bound);
    }
    return topic;
  }

  /** The connection is over. */
  end(): void {
    for (const topic of [...this.#open.values()]) topic.close();
  }

  hear({ json }: Heard): void {
    const message = toMessage(json);
    if (!message) return;
    if (message.channel.endsWith(HISTORY)) this.#replace(message.data);
    else this.#open.get(message.channel)?.add(message.data);
  }

  /** All buffers are replaced before anybody is told, and then in the order of the messages. */
  #replace(entries: unknown): void {
    if (!Array.isArray(entries)) return;
    const histories = new Map<Topic, unknown[]>();
    const order: Topic[] = [];
    for (const entry of entries) {
      const message = toMessage(entry);
      const topic = message && this.#open.get(message.channel);
      if (!topic) continue;
      const history = histories.get(topic);
      if (history) history.push(message.data);
      else histories.set(topic, [message.data]);
      order.push(topic);
    }
    const tellers = new Map<Topic, () => void>();
    for (const [topic, history] of histories) tellers.set(topic, topic.replace(history));
    for (const topic of order) tellers.get(topic)!();
  }

  #forget(name: string): void {
    this.#open.delete(name);
    if (this.isEmpty) this.#changed();
  }
}

/** Why no channel can be had. */
export function over(): DOMException {
  return exception('InvalidStateError', 'channel: the connection is over');
}

interface ChannelMessage {
  readonly channel: string;
  readonly data: unknown;
}

function toMessage(value: unknown): ChannelMessage | undefined {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, 'data')) return undefined;
  const { channel, data } = value as Record<'channel' | 'data', unknown>;
  return typeof channel === 'string' ? { channel, data } : undefined;
}

function checkName(name: unknown): string {
  if (typeof name !== 'string') throw typeError('name', 'must be a string');
  // Characters, not halves of them.
  if (name === '' || name.length > 2 * MOST_CHARACTERS || [...name].length > MOST_CHARACTERS) {
    throw typeError('name', `must have 1 to ${MOST_CHARACTERS} characters`);
  }
  if (!isWellFormed(name)) throw typeError('name', 'must not contain half a surrogate pair');
  if (name.endsWith(HISTORY)) throw typeError('name', `must not end in ${HISTORY}, which brings what channels had`);
  return name;
}

function readHistory(options: unknown): number | undefined {
  if (options === undefined || options === null) return undefined;
  const { history } = object(options, 'options');
  if (history === undefined || (Number.isSafeInteger(history) && (history as number) >= 0)) {
    return history as number | undefined;
  }
  throw typeError('options.history', 'must be a whole number, 0 or more');
}
