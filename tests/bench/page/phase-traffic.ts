// Receiving, sending, round trips: every contender on a connection of its own to an address of its own,
// all of them in every round.

import type { Contender } from './contender.js';
import { type ByName, lists, load, type Loaded, type Name, order } from './frames.js';
import type { Plan } from './plan.js';
import { tell } from './runner.js';

const SMALL = 64;
const LARGE = 65_536;

/** One figure for each measurement of a round: milliseconds for all its messages, or for one trip. */
const MEASUREMENTS = {
  'receive 64 B text': { messages: 'small', size: SMALL, run: (c, n) => c.receive(n, SMALL, 'text') },
  'receive 64 B binary': { messages: 'small', size: SMALL, run: (c, n) => c.receive(n, SMALL, 'binary') },
  'receive 64 KiB binary': { messages: 'large', size: LARGE, run: (c, n) => c.receive(n, LARGE, 'binary') },
  'send 64 B text': { messages: 'small', size: SMALL, run: (c, n) => c.send(n, SMALL, 'text') },
  'send 64 B binary': { messages: 'small', size: SMALL, run: (c, n) => c.send(n, SMALL, 'binary') },
  'send 64 KiB binary': { messages: 'large', size: LARGE, run: (c, n) => c.send(n, LARGE, 'binary') },
} as const satisfies Record<
  string,
  { messages: 'small' | 'large'; size: number; run: (contender: Contender, count: number) => Promise<number> }
>;

/** The figures of every round. */
export interface Traffic<N extends Name> {
  /** Messages a second. */
  readonly rates: Record<string, { readonly size: number; readonly perSecond: ByName<number[], N> }>;
  /** Microseconds. */
  readonly roundTrip: { readonly p50: ByName<number[], N>; readonly p99: ByName<number[], N> };
}

/** `title` is for those who wait. */
export async function traffic<N extends Name>(
  title: string,
  names: readonly N[],
  urls: readonly string[],
  plan: Plan,
): Promise<Traffic<N>> {
  const frames = new Map<N, Loaded>();
  for (const [i, name] of names.entries()) {
    const frame = await load(name);
    await frame.contender.connect(urls[i] as string);
    frames.set(name, frame);
  }
  // The first round is for the engine to optimise in.
  const figures = fresh(names);
  await measure(title, frames, plan, 0, fresh(names));
  for (let i = 1; i <= plan.rounds; i++) await measure(title, frames, plan, i, figures);
  for (const { contender, unload } of frames.values()) {
    contender.disconnect();
    unload();
  }
  return figures;
}

function fresh<N extends Name>(names: readonly N[]): Traffic<N> {
  const rates = Object.entries(MEASUREMENTS).map(([what, { size }]) => {
    return [what, { size, perSecond: lists(names) }];
  });
  return { rates: Object.fromEntries(rates), roundTrip: { p50: lists(names), p99: lists(names) } };
}

async function measure<N extends Name>(
  title: string,
  frames: ReadonlyMap<N, Loaded>,
  plan: Plan,
  number: number,
  into: Traffic<N>,
): Promise<void> {
  const round = `${title}, ${number === 0 ? 'warming up' : `round ${number} of ${plan.rounds}`}`;
  const names = order([...frames.keys()], number);
  for (const [what, { messages, run }] of Object.entries(MEASUREMENTS)) {
    await tell('progress', `${round}: ${what}`);
    for (const name of names) {
      const { contender } = frames.get(name) as Loaded;
      gc();
      const took = await run(contender, plan[messages]);
      into.rates[what]?.perSecond[name].push((plan[messages] * 1_000) / took);
    }
  }
  await tell('progress', `${round}: round trips`);
  for (const name of names) {
    const { contender } = frames.get(name) as Loaded;
    gc();
    const { p50, p99 } = await contender.roundTrips(plan.trips, SMALL);
    into.roundTrip.p50[name].push(p50 * 1_000);
    into.roundTrip.p99[name].push(p99 * 1_000);
  }
}
