// What a peer hears when a page is left: of a WebSocket, and of the package's two kinds of connections.

import { expect, type Page } from '@playwright/test';
import type { Pages } from './pages';
import type { Peer } from './peer';

/** Opens one of each on the page `plain`. */
export async function openOneOfEach(page: Page, pages: Pages, peer: Peer): Promise<void> {
  await pages.open(page, 'plain');
  await page.evaluate(async (url) => {
    const { EnvSocket, WebSocketManager } = window.bare;
    const pooled = WebSocketManager.getConnection('p', 'e', null, { url: `${url}/pooled` });
    WebSocketManager.setActiveConnection('p', 'e');
    const sockets = [new WebSocket(`${url}/native`), new EnvSocket(`${url}/alone`), pooled];
    await Promise.all(sockets.map((socket) => new Promise((open) => (socket.onopen = open))));
  }, peer.url);
  const paths = peer.visits.map(({ path }) => path).sort();
  expect(paths).toEqual(['/alone', '/native', '/pooled']);
}

/** What the browser says by itself of a WebSocket, it says of all, and nothing else is said. */
export async function expectLeftAlike(peer: Peer): Promise<void> {
  const first = peer.visits.slice(0, 3);
  const codes = await Promise.all(first.map(({ left }) => left));
  const native = codes[first.findIndex(({ path }) => path === '/native')];
  expect(codes).toEqual([native, native, native]);
  expect(native).not.toBe(1000);
  expect(first.flatMap(({ messages }) => messages)).toEqual([]);
}
