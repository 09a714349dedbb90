// Subprotocols, as the platform takes them.

import { exception, typeError } from './errors.js';

/** The subprotocol of the resume protocol. */
export const V1 = 'envsocket.v1';

/** WebIDL's conversion of the constructor's argument: anything iterable is a list, all else one name. */
export function toNames(value: unknown): string[] {
  return isIterable(value) ? Array.from(value, (name) => `${name as string}`) : [`${value as string}`];
}

/**
 * As an option: a name or several, and nothing that only resembles them.
 * @throws TypeError, and what {@link checkNames} throws.
 */
export function readProtocols(value: unknown): string[] | undefined {
  if (value === undefined || value === null) return undefined;
  const names = typeof value === 'string' ? [value] : isIterable(value) ? [...value] : [value];
  if (!names.every((name) => typeof name === 'string')) {
    throw typeError('protocols', 'must be a string or an array of strings');
  }
  return checkNames(names);
}

function isIterable(value: unknown): value is Iterable<unknown> {
  const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function';
  return isObject && (value as Partial<Iterable<unknown>>)[Symbol.iterator] != null;
}

/**
 * Each must be a token of RFC 9110, there only once, and not the one that is ours.
 * @throws DOMException `SyntaxError`, TypeError.
 */
export function checkNames(names: string[]): string[] {
  if (!names.every((name) => /^[\w!#$%&'*+.^`|~-]+$/.test(name))) {
    throw exception('SyntaxError', 'protocols must be names without spaces and separators');
  }
  if (new Set(names).size < names.length) {
    throw exception('SyntaxError', 'protocols must not name one twice');
  }
  if (names.includes(V1)) {
    // The server would wait for a hello that nobody says.
    throw typeError('protocols', `must not name '${V1}': set options.protocol to 'require' instead`);
  }
  return names;
}
