// The back/forward cache: a page that is left with open connections, and come back to.
// Alone in its page: a browser that does not keep such a page loads it anew, and all its tests begin again.

import { assert } from 'chai';
import { run } from './support/harness';
import { connection, statusIs } from './support/manager';
import { at, newId, observed } from './support/server';

/** The id of the connection that was open when the page was left; only there when it was not kept. */
const LEFT = 'left';

/** What a server sees of a page that is left: the browser's own goodbye, one without a code, or none. */
const GOODBYES = [1001, 1005, 1006];

async function leaves(): Promise<void> {
  const id = newId();
  const { socket } = connection({ url: at('/echo', { id }) });
  await statusIs(socket, 'connected');
  await loaded();
  sessionStorage.setItem(LEFT, id);
  const shown = new Promise<PageTransitionEvent>((resolve) => addEventListener('pageshow', resolve));
  const gap = new Promise<{ direction: string }>((resolve) => {
    socket.addEventListener('gap', ({ detail }) => resolve(detail));
  });
  location.assign('/away');
  assert.isTrue((await shown).persisted);
  assert.equal((await gap).direction, 'in');
  await observed(id, { attempts: 2, open: 1 });
  await statusIs(socket, 'connected');
  const { closes } = await observed(id, { closes: 1 });
  assert.oneOf(closes[0]!.code, GOODBYES);
}

async function wasLoadedAnew(id: string): Promise<void> {
  // Firefox keeps no page that has a WebSocket. Others do, and are held to it.
  assert.include(navigator.userAgent, 'Firefox');
  const { closes } = await observed(id, { closes: 1 });
  assert.oneOf(closes[0]!.code, GOODBYES);
}

/** Before that, going elsewhere would take the page's own place in the history. */
async function loaded(): Promise<void> {
  if (document.readyState !== 'complete') await new Promise((resolve) => addEventListener('load', resolve));
  await new Promise((resolve) => setTimeout(resolve));
}

run(30_000, () => {
  const left = sessionStorage.getItem(LEFT);
  if (left === null) it('comes back from the back/forward cache, and its connections with it', leaves);
  else it('is loaded anew by a browser that keeps no page with sockets', () => wasLoadedAnew(left));
});
