// The pair that names an environment everywhere in the demo, and what a name may be. Knows neither React nor
// the network.

/** A project's name and the id of one of its environments. Either may hold spaces, slashes and unicode. */
export interface Pair {
  readonly project: string;
  readonly env: string;
}

export function samePair(a: Pair, b: Pair): boolean {
  return a.project === b.project && a.env === b.env;
}

/** A React key. A plain join would take ("a-b", "c") and ("a", "b-c") for one. */
export function keyOf(pair: Pair): string {
  return JSON.stringify([pair.project, pair.env]);
}

/** For people: `alpha/dev`. */
export function labelOf(pair: Pair): string {
  return `${pair.project}/${pair.env}`;
}

/** UTF-8 bytes; the server's limit and the package's. */
const MAX_NAME_BYTES = 256;

/** What is wrong with a name, as the end of a sentence; null when nothing is. */
export function nameProblem(name: string): string | null {
  if (name === '') return 'must not be empty';
  if (name === '.' || name === '..') return 'must not be "." or "..": URLs cannot carry them';
  if (/\p{Cc}/u.test(name)) return 'must not contain control characters';
  if (new TextEncoder().encode(name).length > MAX_NAME_BYTES) {
    return `must not be longer than ${MAX_NAME_BYTES} bytes of UTF-8`;
  }
  return null;
}
