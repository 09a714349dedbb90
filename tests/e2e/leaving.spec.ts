// A page that is left says nothing of its own: a close with 1000 would end the session that it means to come
// back to. What the browser says by itself is what it says of a WebSocket.

import type { Page } from '@playwright/test';
import { expect, test } from './support/test';

const WAYS: Readonly<Record<string, (page: Page) => Promise<unknown>>> = {
  'going elsewhere': (page) => page.goto('data:text/html,elsewhere'),
  'a reload': (page) => page.reload(),
  'closing the tab': (page) => page.close(),
  'closing the tab, asking before': (page) => page.close({ runBeforeUnload: true }),
};

for (const [way, leave] of Object.entries(WAYS)) {
  test(`${way} ends a connection as it ends a WebSocket, and sends nothing`, async ({
    page,
    pages,
    peer,
  }) => {
    await pages.open(page, 'plain');
    await page.evaluate(async (url) => {
      const { EnvSocket, WebSocketManager } = window.bare;
      const pooled = WebSocketManager.getConnection('p', 'e', null, { url: `${url}/pooled` });
      WebSocketManager.setActiveConnection('p', 'e');
      const sockets = [new WebSocket(`${url}/native`), new EnvSocket(`${url}/alone`), pooled];
      await Promise.all(sockets.map((socket) => new Promise((open) => (socket.onopen = open))));
    }, peer.url);
    const visits = [...peer.visits];
    expect(visits.map(({ path }) => path).sort()).toEqual(['/alone', '/native', '/pooled']);

    await leave(page);
    const codes = await Promise.all(visits.map(({ left }) => left));
    const native = codes[visits.findIndex(({ path }) => path === '/native')];
    expect(codes).toEqual([native, native, native]);
    expect(native).not.toBe(1000);
    expect(visits.flatMap(({ messages }) => messages)).toEqual([]);
  });
}
