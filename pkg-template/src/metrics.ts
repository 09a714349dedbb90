// Metrics, as the engine counts them, under their names.

import type { Core } from './core.js';
import type { ConnectionMetrics, Durations, ManagerMetrics } from './types.js';

/** The names of the engine's counts, in its order. */
const COUNTS = [
  'attempts',
  'opens',
  'reconnects',
  'messagesIn',
  'messagesOut',
  'bytesIn',
  'bytesOut',
  'connectedMs',
  'queuedBytes',
  'lost',
  'discarded',
  'resumed',
  'replayed',
] as const;

/** How long something took, in ms. */
type Took = [last: number, mean: number, p50: number, p99: number];

/** What the engine says of a connection, or of all. */
type Counted = [
  counts: number[],
  roundTrips: Took | null,
  failures: [reason: string, count: number][],
  questions: [active: number, waiting: number, asked: number, answered: number, failed: number],
  answers: Took | null,
];

export function managerMetrics(core: Core): ManagerMetrics {
  const { engine } = core;
  const connections: [string, ConnectionMetrics][] = [];
  for (const { id, snapshot } of core.rows) {
    const counted = engine.metrics(id) as Counted | undefined;
    // Labels are not unique.
    const key = [snapshot.projectName, snapshot.envId].map(encodeURIComponent).join('/');
    if (counted) connections.push([key, named(counted)]);
  }
  const [count, p50Us, p99Us] = engine.switches() as [number, number, number];
  return {
    ...named(engine.metrics(undefined) as Counted),
    connections: Object.fromEntries(connections),
    switches: { count, p50Us, p99Us },
  };
}

function named([counts, roundTrips, failures, questions, answers]: Counted): ConnectionMetrics {
  const named = Object.fromEntries(COUNTS.map((name, place) => [name, counts[place]]));
  const [active, waiting, asked, answered, failed] = questions;
  const errorRate = failed / (answered + failed || 1);
  return {
    ...(named as Record<(typeof COUNTS)[number], number>),
    failures: Object.fromEntries(failures),
    rttMs: durations(roundTrips),
    questions: { active, waiting, asked, answered, failed, errorRate, processingMs: durations(answers) },
  };
}

function durations(took: Took | null): Durations | null {
  if (!took) return null;
  const [last, mean, p50, p99] = took;
  return { last, mean, p50, p99 };
}
