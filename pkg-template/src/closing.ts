// The arguments of a close, as WebIDL converts them and the engine judges them. It must not close anything.

import { exception } from './errors.js';
import { scalarText } from './text.js';

/** WebIDL's conversions: `[Clamp] unsigned short`, which rounds halves to even, and `USVString`. */
export function closeArguments(code: unknown, reason: unknown): [number | undefined, string] {
  let number: number | undefined;
  if (code !== undefined) {
    number = Math.min(Math.max(+(code as number) || 0, 0), 65_535);
    const down = Math.floor(number);
    number = number - down === 0.5 ? down + (down % 2) : Math.round(number);
  }
  return [number, reason === undefined ? '' : scalarText(reason)];
}

/** Throws what the engine says of a close. */
export function checkClose(refusal: number): void {
  if (refusal === 1) {
    throw exception('InvalidAccessError', 'code must be 1000 or between 3000 and 4999');
  }
  if (refusal === 2) {
    throw exception('SyntaxError', 'reason must not be longer than 123 bytes of UTF-8');
  }
}
