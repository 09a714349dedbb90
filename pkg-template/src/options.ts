// Options, checked by name before anything changes. Numbers go to the engine in one array; what is not a
// number stays in JavaScript. Names that nobody knows are ignored, as the platform's dictionaries do.

import { typeError } from './errors.js';
import { copied, type Message, toMessage } from './payload.js';
import { readProtocols } from './protocols.js';
import { faultOf, type Transport, TRANSPORTS } from './transports.js';
import type { ConnectionOptions, Token, UrlSource } from './types.js';

/** `heartbeat`, without its numbers. */
export interface Heartbeat {
  readonly message: Message;
  readonly isReply: ((data: unknown) => boolean) | undefined;
}

/**
 * What an options object says, or several that were merged, but for its token. What is undefined was not said.
 */
export interface Settings {
  /** The engine's numbers; NaN is one that was not said. */
  numbers: Float64Array;
  url?: UrlSource | undefined;
  protocols?: string[] | undefined;
  /** In words; the engine goes by its number, which `protocols` sets, too. */
  protocol?: Protocol | undefined;
  tokenTransport?: Transport | undefined;
  allowInsecureToken?: boolean | undefined;
  shouldReconnect?: ConnectionOptions['shouldReconnect'];
  /** null: none, whatever the manager has. */
  heartbeat?: Heartbeat | null | undefined;
  binaryType?: BinaryType | undefined;
  debug?: boolean | undefined;
}

/** Whether the resume protocol is spoken, with the engine's numbers for it. */
const PROTOCOLS = { auto: 1, require: 2, off: 0 } as const;
type Protocol = keyof typeof PROTOCOLS;

/** Places in the engine's numbers. */
export const MAX_RETRIES = 6;
export const MAX_QUEUED_BYTES = 7;
export const QUEUE_POLICY = 8;
const HEARTBEAT_INTERVAL = 9;
const ASKS = 11;
export const PROTOCOL = 15;
export const MAX_INPUT_AGE = 16;
export const TOKEN_USE = 17;

/** The engine's numbers for some of the words. */
export const { auto: AUTO, off: OFF } = PROTOCOLS;
export const DROP_OLDEST = 1;

/** Place, name, least value, and whether infinity lifts the limit. */
type Rule = readonly [place: number, name: string, least: 0 | 1, endless?: true];

const NUMBERS: readonly Rule[] = [
  [0, 'connectTimeoutMs', 1],
  [1, 'reconnectTimeoutMs', 1],
  [MAX_RETRIES, 'maxRetries', 0, true],
  [MAX_QUEUED_BYTES, 'maxQueuedBytes', 0, true],
  [12, 'maxConnections', 1, true],
  [13, 'idleTimeoutMs', 0],
  [14, 'statusIntervalMs', 1],
  [MAX_INPUT_AGE, 'maxInputAgeMs', 0],
];
const BACKOFF: readonly Rule[] = [
  [2, 'baseMs', 0],
  [3, 'capMs', 0],
  [4, 'factor', 1, true],
  [5, 'stableAfterMs', 0],
];
const HEARTBEAT: readonly Rule[] = [
  [HEARTBEAT_INTERVAL, 'intervalMs', 1],
  [10, 'timeoutMs', 1],
];

type Bag = Readonly<Record<string, unknown>>;

/** Settings that say nothing. */
export function noSettings(): Settings {
  return { numbers: new Float64Array(18).fill(NaN) };
}

/**
 * Reads `ConnectionOptions` or `ManagerOptions`; `undefined` and `null` say nothing.
 * @throws TypeError that names the option, DOMException `SyntaxError` for subprotocols.
 */
export function read(options: unknown): Settings {
  const settings = noSettings();
  if (options === undefined || options === null) return settings;
  const bag = object(options, 'options');
  const { numbers } = settings;
  readNumbers(bag, 'options.', NUMBERS, numbers);
  if (bag['backoff'] !== undefined) {
    readNumbers(object(bag['backoff'], 'options.backoff'), 'options.backoff.', BACKOFF, numbers);
  }
  const policy = oneOf(bag, 'queuePolicy', ['throw', 'dropOldest']);
  if (policy) numbers[QUEUE_POLICY] = policy === 'throw' ? 0 : DROP_OLDEST;
  settings.shouldReconnect = callable(bag['shouldReconnect'], 'options.shouldReconnect');
  if (settings.shouldReconnect) numbers[ASKS] = 1;
  settings.heartbeat = heartbeat(bag['heartbeat'], numbers);
  settings.url = urlSource(bag['url']);
  settings.protocols = readProtocols(bag['protocols']);
  settings.protocol = oneOf(bag, 'protocol', Object.keys(PROTOCOLS) as Protocol[]);
  if (settings.protocol) numbers[PROTOCOL] = PROTOCOLS[settings.protocol];
  if (settings.protocols?.length) offerOwn(settings);
  settings.tokenTransport = oneOf(bag, 'tokenTransport', Object.keys(TRANSPORTS) as Transport[]);
  settings.allowInsecureToken = flag(bag, 'allowInsecureToken');
  settings.binaryType = oneOf(bag, 'binaryType', ['blob', 'arraybuffer']);
  if (bag['debug'] !== undefined) settings.debug = Boolean(bag['debug']);
  return settings;
}

/**
 * The token in `ConnectionOptions` or `ManagerOptions`: it does not stay with the rest.
 * @throws TypeError
 */
export function readToken(options: unknown): Token | undefined {
  const token = (options as Bag | null | undefined)?.['token'];
  return token === undefined ? undefined : checkToken(token, 'options.token');
}

/** @throws TypeError that begins with the argument's name. */
export function checkToken(token: unknown, argument: string): Token {
  const fault = typeof token === 'function' ? undefined : faultOf(token, ', or a function');
  if (fault === undefined) return token as Token;
  throw typeError(argument, fault);
}

/**
 * The application's own subprotocols leave no room for those of the resume protocol.
 * @throws TypeError when the same options insist on it.
 */
export function offerOwn({ protocol, numbers }: Settings): void {
  if (protocol === 'require') {
    throw typeError('options.protocol', "cannot be 'require' beside protocols: they take the offer's place");
  }
  numbers[PROTOCOL] = OFF;
}

/** Overwrites what is said with what is said now. */
export function merge(into: Settings, from: Settings): void {
  const { numbers, ...others } = from;
  numbers.forEach((number, place) => {
    if (!Number.isNaN(number)) into.numbers[place] = number;
  });
  for (const [name, value] of Object.entries(others)) {
    if (value !== undefined) (into as unknown as Record<string, unknown>)[name] = value;
  }
}

/**
 * A time or a limit: a number that is at least 0 or 1.
 * @throws TypeError that begins with the argument's name.
 */
export function bounded(value: unknown, argument: string, least: 0 | 1, endless?: true): number {
  if (typeof value === 'number' && value >= least && (endless || value < Infinity)) return value;
  throw typeError(argument, `must be a ${endless ? '' : 'finite '}number, ${least} or more`);
}

function readNumbers(bag: Bag, path: string, rules: readonly Rule[], numbers: Float64Array): void {
  for (const [place, name, least, endless] of rules) {
    if (bag[name] !== undefined) numbers[place] = bounded(bag[name], path + name, least, endless);
  }
}

function heartbeat(value: unknown, numbers: Float64Array): Heartbeat | null | undefined {
  if (value === undefined) return undefined;
  if (value === false) {
    numbers[HEARTBEAT_INTERVAL] = 0;
    return null;
  }
  const path = 'options.heartbeat';
  const bag = object(value, path, 'must be false or an object');
  // All of it or none: a heartbeat of half the options would be another one.
  for (const [place, name, least] of HEARTBEAT) {
    numbers[place] = bounded(bag[name], `${path}.${name}`, least);
  }
  if (bag['message'] === undefined) throw typeError(`${path}.message`, 'must be what to send');
  // The caller's memory may change before it is sent.
  const message = copied(toMessage(bag['message']));
  const isReply = callable<(data: unknown) => boolean>(bag['isReply'], `${path}.isReply`);
  return { message, isReply };
}

function urlSource(value: unknown): UrlSource | undefined {
  if (value === undefined || typeof value === 'string' || typeof value === 'function') {
    return value as UrlSource | undefined;
  }
  throw typeError('options.url', 'must be a string or a function');
}

/** @throws TypeError that begins with the argument's name. */
export function object(value: unknown, argument: string, must = 'must be an object'): Bag {
  if (typeof value === 'object' && value) return value as Bag;
  throw typeError(argument, must);
}

/** @throws TypeError that begins with the argument's name. */
export function callable<F>(value: unknown, argument: string, must = 'must be a function'): F | undefined {
  if (value === undefined || typeof value === 'function') return value as F | undefined;
  throw typeError(argument, must);
}

function flag(bag: Bag, name: string): boolean | undefined {
  const value = bag[name];
  if (value === undefined || typeof value === 'boolean') return value;
  throw typeError(`options.${name}`, 'must be true or false');
}

function oneOf<const T extends string>(bag: Bag, name: string, values: readonly T[]): T | undefined {
  const value = bag[name];
  if (value === undefined || values.includes(value as T)) return value as T | undefined;
  throw typeError(`options.${name}`, `must be '${values.join("' or '")}'`);
}
