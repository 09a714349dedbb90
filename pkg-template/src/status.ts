// The public statuses, by the engine's numbers.

import type { ConnectionStatus } from './types.js';

/** The engine's numbers for a status, in its order. */
const STATUSES: readonly ConnectionStatus[] = [
  'connecting',
  'connected',
  'reconnecting',
  'disconnecting',
  'disconnected',
  'failed',
];

export function statusName(number: number): ConnectionStatus {
  const status = STATUSES[number];
  if (status === undefined) throw new RangeError(`envsocket: no status ${number}`);
  return status;
}
