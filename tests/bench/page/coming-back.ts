// How long a user looks at a dead connection whose link was dropped while the server is well.

import type { Open } from './contender.js';
import { greeting } from './greeting.js';
import { answer } from './traffic.js';

/** Milliseconds. */
export interface ComingBack {
  /** From asking the server to drop the link until the first message on the next one. */
  readonly back: number;
  /**
   * From there being a connection again until that message. An EnvSocket says when: with the protocol, it is
   * when the server welcomes it. Of others it is null.
   */
  readonly sinceConnected: number | null;
  /** One message there and its answer back, right after it. */
  readonly trip: number;
}

/**
 * By one clock: the time that the request takes is in it. The connection is new each time, so that no earlier
 * cut has raised the backoff.
 */
export async function comeBack(open: Open, url: string): Promise<ComingBack> {
  const socket = open(url);
  await greeting(socket);
  let connected: number | null = null;
  socket.addEventListener('statuschange', (event) => {
    if ((event as CustomEvent<{ status: string }>).detail.status === 'connected') connected = performance.now();
  });
  const cut = performance.now();
  socket.send('!cut');
  await greeting(socket);
  const here = performance.now();
  await answer(socket, '!count');
  const trip = performance.now() - here;
  socket.close();
  return { back: here - cut, sinceConnected: connected === null ? null : here - connected, trip };
}
