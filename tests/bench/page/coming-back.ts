// How long a user looks at a dead connection whose link was dropped while the server is well.

import type { Open } from './contender.js';
import { greeting } from './greeting.js';

/**
 * From asking the server to drop the link until the first message on the next one, by one clock: the time
 * that the request takes is in it. The connection is new each time, so that no earlier cut has raised the
 * backoff.
 */
export async function comeBack(open: Open, url: string): Promise<number> {
  const socket = open(url);
  await greeting(socket);
  const cut = performance.now();
  socket.send('!cut');
  await greeting(socket);
  const took = performance.now() - cut;
  socket.close();
  return took;
}
