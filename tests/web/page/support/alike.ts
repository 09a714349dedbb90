// For what browsers do not agree on, or no standard says: the platform's own answer, in this browser, is
// what is asked of the other.

import { assert } from 'chai';
import { native, type Make, type Subject } from './subject';

/**
 * With `standard`: what the standard says, for the places where a browser does something else. One may do
 * there as this browser does, or as the standard says.
 */
export async function alike<T>(
  subject: Subject,
  observe: (make: Make) => T | Promise<T>,
  standard?: T,
): Promise<void> {
  const expected = await observe(native.make);
  if (subject === native) return;
  const observed = await observe(subject.make);
  if (standard !== undefined && JSON.stringify(observed) === JSON.stringify(standard)) return;
  assert.deepEqual(observed, expected);
}
