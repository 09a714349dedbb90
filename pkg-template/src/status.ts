// The public statuses, by the engine's numbers, and what of the platform's states has to be known by number.

import type { ConnectionStatus } from './types.js';

/** The `readyState` of a socket that takes messages. */
export const OPEN = 1;

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
