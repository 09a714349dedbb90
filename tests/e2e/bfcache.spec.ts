// The back/forward cache freezes a page and cuts its WebSockets. Who comes back finds everything as it was.

import { LAUNCH_WITH_BACK_FORWARD_CACHE } from './support/browser';
import { expectLeftAlike, openOneOfEach } from './support/leaving';
import { openSockets } from './support/manager';
import { expect, LOST_TO_THE_CACHE, test } from './support/test';
import { watchTruth } from './support/truth';

declare global {
  interface Window {
    /** Whether each return was one from the cache. */
    returns: boolean[];
  }
}

test.use({ launchOptions: LAUNCH_WITH_BACK_FORWARD_CACHE });

test('a page that comes back from the back/forward cache reconnects, says so, and works', async ({
  complaints,
  page,
  server,
  shells,
}) => {
  complaints.allow(LOST_TO_THE_CACHE);
  const [back, front] = [await server.create(), await server.create()];
  await shells.open(back);
  await shells.choose(front);
  await shells.settle();
  await shells.run('KEPT=yes; echo before-$((40 + 2))');
  await shells.expectLine('before-42');
  await page.evaluate(() => {
    window.returns = [];
    window.addEventListener('pageshow', ({ persisted }) => window.returns.push(persisted));
  });
  const truth = await watchTruth(page, [back, front]);

  for (const returns of [[true], [true, true]]) {
    await page.goto('data:text/html,elsewhere');
    // A page from the cache has been loaded already.
    await page.goBack({ waitUntil: 'commit' });
    expect(await page.evaluate(() => window.returns)).toEqual(returns);
    await shells.expectStatus(back, 'connected');
    await shells.expectStatus(front, 'connected');
    await expect(shells.entry(front)).toHaveAttribute('data-active', 'true');
  }

  await shells.expectLine('before-42');
  await shells.terminal.click();
  await shells.run('echo "kept=${KEPT-no}"');
  await shells.expectLine('kept=yes');
  const { lies, seen } = await truth.stop();
  expect(lies).toEqual([]);
  for (const { env } of [back, front]) {
    const said = seen.filter((saying) => saying.env === env).map(({ status }) => status);
    expect(said).toEqual(['connected', 'reconnecting', 'connected', 'reconnecting', 'connected']);
  }
  expect(await openSockets(page)).toBe(2);
  expect(await server.dropLinks(), 'how many WebSockets the server had').toBe(2);
});

test('going into the back/forward cache ends a connection as it ends a WebSocket, and sends nothing', async ({
  complaints,
  page,
  pages,
  peer,
}) => {
  complaints.allow(LOST_TO_THE_CACHE);
  await openOneOfEach(page, pages, peer);
  await page.goto('data:text/html,elsewhere');
  // Chromium freezes the page at once, and ends its WebSockets when it thaws.
  await page.goBack({ waitUntil: 'commit' });
  await expectLeftAlike(peer);
  const again = [await peer.visit(3), await peer.visit(4)];
  expect(again.map(({ path }) => path).sort()).toEqual(['/alone', '/pooled']);
});
