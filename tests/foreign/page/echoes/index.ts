// What every echo of somebody else's must make possible, whatever it is written with.

import type { ServerName } from '../support/server';
import { breaking } from './breaking';
import { ending } from './ending';
import { talking } from './talking';

/** How a server answers an offer of subprotocols that it does not know. */
export interface Habits {
  readonly chooses: 'none' | 'the first';
}

export function echoes(server: ServerName, habits: Habits): void {
  talking(server, habits);
  breaking(server, habits);
  ending(server);
}
