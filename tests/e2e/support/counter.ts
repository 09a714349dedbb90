// Programs that run for long and say how far they are, line by line, for tests that look away from them.

import { expect } from '@playwright/test';
import type { Shells } from './shells';

/** Counts from 1 for ever, about twenty times a second. */
export const COUNTER = 'i=0; while :; do i=$((i + 1)); echo "n=$i"; sleep 0.05; done';

/** The numbers on the screen, from top to bottom. */
export async function numbers(shells: Shells): Promise<number[]> {
  const lines = await shells.lines();
  return lines.flatMap((line) => {
    const digits = /^n=(\d+)$/.exec(line)?.[1];
    return digits === undefined ? [] : [Number(digits)];
  });
}

/** Waits until the program has come further than `number`. */
export async function expectBeyond(shells: Shells, number: number): Promise<void> {
  const last = async () => (await numbers(shells)).at(-1) ?? 0;
  await expect.poll(last, { message: `a number beyond ${number}` }).toBeGreaterThan(number);
}

/**
 * Every number is the one before it and one: nothing on the screen is missing, doubled or out of order. The
 * last is left out, for a line may be on the screen in part.
 */
export async function expectUnbroken(shells: Shells): Promise<void> {
  const seen = (await numbers(shells)).slice(0, -1);
  const first = seen[0] ?? 0;
  expect(seen).toEqual(seen.map((_, index) => first + index));
}
