// Metrics, as the engine counts them, under their names.

import type { Core } from './core.js';
import type { ConnectionMetrics, ManagerMetrics } from './types.js';

/** What the engine says of a connection or of all, in its order. */
type Counted = [
  counts: [
    attempts: number,
    opens: number,
    reconnects: number,
    messagesIn: number,
    messagesOut: number,
    bytesIn: number,
    bytesOut: number,
    connectedMs: number,
    queuedBytes: number,
    lost: number,
    discarded: number,
  ],
  roundTrips: [last: number, mean: number, p50: number, p99: number] | null,
  failures: [reason: string, count: number][],
];

export function managerMetrics(core: Core): ManagerMetrics {
  const { engine } = core;
  const connections: [string, ConnectionMetrics][] = [];
  for (const { id, snapshot } of core.rows) {
    const counted = engine.metrics(id) as Counted | undefined;
    // Labels are not unique.
    const key = `${encodeURIComponent(snapshot.projectName)}/${encodeURIComponent(snapshot.envId)}`;
    if (counted) connections.push([key, named(counted)]);
  }
  const [count, p50Us, p99Us] = engine.switches() as unknown as [number, number, number];
  return {
    ...named(engine.metrics(undefined) as Counted),
    connections: Object.fromEntries(connections),
    switches: { count, p50Us, p99Us },
  };
}

function named([counts, roundTrips, failures]: Counted): ConnectionMetrics {
  const [attempts, opens, reconnects, messagesIn, messagesOut, bytesIn, bytesOut] = counts;
  const [connectedMs, queuedBytes, lost, discarded] = counts.slice(7) as [number, number, number, number];
  const [last, mean, p50, p99] = roundTrips ?? [0, 0, 0, 0];
  return {
    attempts,
    opens,
    reconnects,
    failures: Object.fromEntries(failures),
    messagesIn,
    messagesOut,
    bytesIn,
    bytesOut,
    connectedMs,
    queuedBytes,
    rttMs: roundTrips && { last, mean, p50, p99 },
    resumed: 0,
    replayed: 0,
    lost,
    discarded,
  };
}
