// What browsers make of a server that chooses none of the subprotocols on offer.

import type { Attempt } from './server';

/** What `auto` offers. */
const BOTH = 'envsocket.plain,envsocket.v1';

/** Chromium fails such a handshake, though the server has accepted it; Firefox opens the socket. */
const FAILS = !navigator.userAgent.includes('Firefox');

/** What is offered until a socket is open, and what is answered: `none` is tried once more without an offer. */
export function toOpen(chooses: 'none' | 'the first'): Pick<Attempt, 'protocols' | 'status' | 'chosen'>[] {
  if (chooses === 'the first') return [{ protocols: BOTH, status: 101, chosen: 'envsocket.plain' }];
  const offered = { protocols: BOTH, status: 101, chosen: null };
  return FAILS ? [offered, { protocols: null, status: 101, chosen: null }] : [offered];
}

/** What is offered to a server that answers with this status, however often it is asked. */
export function refused(status: number): Pick<Attempt, 'protocols' | 'status' | 'chosen'>[] {
  return [BOTH, null].map((protocols) => ({ protocols, status, chosen: null }));
}

/** Attempts, as far as they are about offers. */
export function shapes(attempts: readonly Attempt[]): Pick<Attempt, 'protocols' | 'status' | 'chosen'>[] {
  return attempts.map(({ protocols, status, chosen }) => ({ protocols, status, chosen }));
}
