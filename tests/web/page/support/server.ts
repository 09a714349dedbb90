// The test server, as a test speaks to it behind the sockets' back.
// Must not: open a WebSocket.

/** What the server saw of all connections that carry one id. */
export interface Observed {
  /** Upgrade requests, refused ones included. */
  readonly attempts: number;
  readonly requests: readonly { path: string; protocols: string | null; origin: string | null }[];
  readonly messages: readonly { binary: boolean; bytes: number; sha1: string; text: string | null }[];
  /** 1005 for a close frame without a code, 1006 for no close frame at all. */
  readonly closes: readonly { code: number; reason: string }[];
  readonly open: number;
  /** Of a server that speaks the resume protocol: the names of the sessions that it has begun. */
  readonly sessions?: readonly string[];
  /** What it has taken as input, in order: texts, bytes, and sizes. */
  readonly inputs?: readonly (string | number[] | { cols: number; rows: number })[];
  /** The control frames that it was sent. */
  readonly frames?: readonly ({ type: string } & Record<string, unknown>)[];
  /** Up to which numbers it was told that input is missing. */
  readonly skips?: readonly number[];
}

/** Counts of what a server saw. */
type Counts = Partial<
  Record<'attempts' | 'messages' | 'closes' | 'open' | 'sessions' | 'inputs' | 'frames' | 'skips', number>
>;

let ids = 0;

/** An id that no other test has. */
export function newId(): string {
  ids += 1;
  return `${performance.timeOrigin}-${ids}`;
}

/** The address of a scenario of tests/web/server/scenarios.mjs. */
export function at(path: string, query: Record<string, string | number> = {}): string {
  const search = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]));
  const text = search.toString();
  return `ws://${location.host}${path}${text === '' ? '' : `?${text}`}`;
}

/** One step of `/say`. */
export type Step =
  | ['text', string]
  | ['bytes', number[]]
  | ['filled' | 'letters' | 'badFrame' | 'close', number]
  | ['fragments', string[]]
  | ['ping' | 'half', string]
  | ['badText' | 'badClose', number[]]
  | ['drop'];

/** A server that writes all of this at once, at the start or at the client's first message. */
export function saying(steps: readonly Step[], on: 'open' | 'message' = 'open'): string {
  return at('/say', { script: JSON.stringify(steps), on });
}

/** What the server saw, once these counts are reached. */
export async function observed(id: string, wanted: Counts = {}): Promise<Observed> {
  const query = new URLSearchParams({ id });
  for (const [name, least] of Object.entries(wanted)) query.set(name, String(least));
  return (await (await fetch(`/observed?${query}`)).json()) as Observed;
}

/** What only a server that speaks the resume protocol can do; see tests/web/server/v1.mjs. */
type V1Command =
  | 'say'
  | 'flood'
  | 'evict'
  | 'forget'
  | 'lose'
  | 'cut'
  | 'cutAfter'
  | 'closing'
  | 'role'
  | 'acknowledge'
  | 'accept'
  | 'reject'
  | 'access'
  | 'raw';

/** Does something to the open connections of an id. */
export async function control(
  id: string,
  command: 'drop' | 'blackhole' | 'close' | 'send' | 'refuse' | V1Command,
  more: Record<string, string | number> = {},
): Promise<void> {
  const query = new URLSearchParams({ id, command });
  for (const [name, value] of Object.entries(more)) query.set(name, String(value));
  const response = await fetch(`/control?${query}`, { method: 'POST' });
  if (!response.ok) throw new Error(await response.text());
}

/** The addresses that the server listens on, all with one port. */
export async function places(): Promise<{ port: number; addresses: string[] }> {
  return (await (await fetch('/places')).json()) as { port: number; addresses: string[] };
}
