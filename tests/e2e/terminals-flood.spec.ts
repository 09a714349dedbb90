// A hundred megabytes: to a page that takes its time, each byte once; and while nobody is there, of which a
// page that comes back gets one gap, to the number, and a screen to go on with.

import { access, writeFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { parse, type Frame } from './support/frames';
import { OwnServer } from './support/own-server';
import type { Proxy } from './support/proxy';
import { upTo, Wire } from './support/resuming';
import { expect, SILENT, show, test } from './support/screens';
import { REFUSED_WHILE_CUT } from './support/test';
import { Traffic } from './support/traffic';

const BYTES = 100 * 1024 * 1024;
/** What fault-program says for each byte that it hears. */
const PART = 1.5 * 1024 * 1024;

/** Longer than the machine needs, however busy. */
const PATIENCE_MS = 120_000;

test.beforeEach(() => test.setTimeout(180_000));

test('a page that takes its time gets a hundred megabytes, and never more than it has room for', async ({
  page,
  pages,
  rig,
}) => {
  const frames = new Traffic(page);
  const server = await rig.server([['say', String(BYTES), '52']]);
  const proxy = await rig.proxy(server.host);
  const wire = await Wire.open(page, pages, proxy, OwnServer.pair(0));
  await wire.hear('ready');
  const digest = await wire.wired.evaluate(
    async (wired, [bytes, asks]) => {
      const heard: Uint8Array<ArrayBuffer>[] = [];
      const { connection, take } = wired;
      let [at, held]: [number, (() => void)[]] = [0, []];
      let stop = () => {};
      const whole = new Promise<void>((resolve) => (stop = resolve));
      // What has come is consumed much later, and all at once.
      const consuming = setInterval(() => {
        held.forEach((giveBack) => giveBack());
        held = [];
      }, 5);
      wired.take = (output) => {
        held.push(connection.holdCredit());
        heard.push(output);
        at += output.length;
        if (at >= bytes) stop();
      };
      // For all of it, and for the hash: nothing holds the program back but the page.
      connection.send('x'.repeat(asks + 1));
      await whole;
      clearInterval(consuming);
      held.forEach((giveBack) => giveBack());
      wired.take = take;
      const parts = await new Blob(heard).arrayBuffer();
      const said = new TextDecoder().decode(parts.slice(bytes));
      // Or what came meanwhile would be lost.
      wired.text = said + wired.text;
      return [...new Uint8Array(await crypto.subtle.digest('SHA-256', parts.slice(0, bytes)))];
    },
    [BYTES, Math.ceil(BYTES / PART)] as const,
  );
  await wire.hear(Buffer.from(digest).toString('hex'));
  expect(await wire.told()).toEqual(['connected', 'open']);
  expect(frames.window).toBeGreaterThan(0);
  expect(frames.most).toBeLessThanOrEqual(frames.window);
  expect(frames.bytes).toBeGreaterThan(BYTES);
});

test('a hundred megabytes while nobody is there: one gap, to the number, and a screen to go on with', async ({
  complaints,
  page,
  pages,
  proxied,
  rig,
  server,
}) => {
  complaints.allow(REFUSED_WHILE_CUT);
  const frames = framesOf(page, proxied);
  await pages.open(page, 'plain');
  const pair = await server.create();
  const shown = await show(page, 'cut', proxied.socketUrl, pair);
  await shown.type(SILENT);
  await shown.expectText('ready');
  const [begin, ended] = [rig.file(), rig.file()];
  const lines = Math.ceil(BYTES / '000000000000001 of many\r\n'.length);
  const flood = `seq -f '%015.0f of many' 1 ${lines}; touch ${ended}; printf 'do''ne'`;
  await shown.type(`until [ -e ${begin} ]; do sleep 0.05; done; ${flood}\n`);
  await shown.goAway(proxied);
  const before = await shown.entries();
  await writeFile(begin, '');
  const hasEnded = () =>
    access(ended).then(
      () => true,
      () => false,
    );
  await expect.poll(hasEnded, { message: 'the program has ended', timeout: PATIENCE_MS }).toBe(true);
  await shown.letBack(proxied);
  await shown.expectText('done');

  const welcomes = frames.filter(({ type }) => type === 'welcome');
  expect(welcomes.map(({ next }) => next)).toEqual([1, before + 1]);
  const { live } = welcomes.at(-1)!;
  // Some 16 KiB a message, at most.
  expect(live).toBeGreaterThan(BYTES / (16 * 1024));
  expect(await shown.gaps()).toEqual([{ from: before + 1, to: live, snapshot: true }]);

  const last = upTo(lines)
    .slice(-1000)
    .map((number) => `${String(number).padStart(15, '0')} of many`);
  expect((await shown.text()).split('\n').slice(-1001)).toEqual([...last, 'done']);
  const late = await show(page, 'late', server.socketUrl(), pair);
  await late.expectText('done');
  expect(await shown.look()).toEqual(await late.look());

  const drawn = await shown.entries();
  // Both go on to count from there, or one of them would have found a miscount.
  await shown.type('echo; printf "use""ful"\n');
  for (const terminal of [shown, late]) await terminal.expectText('useful');
  expect(await shown.look()).toEqual(await late.look());
  const after = (await shown.entries()) - drawn;
  expect(after).toBeGreaterThan(0);
  // A reason to ask whether the link is alive; the answer says how much was sent.
  await page.evaluate(() => void window.dispatchEvent(new Event('online')));
  const stated = () => frames.findLast(({ sent }) => sent !== undefined)?.sent;
  await expect.poll(stated, { message: 'the number of the last message' }).toBe(live! + after);
  expect(await shown.told()).toEqual(['connected', 'open', 'reconnecting', 'connected', 'gap in: evicted']);
});

/** Over links through the proxy that are still to come. */
function framesOf(page: Page, proxy: Proxy): Frame[] {
  const frames: Frame[] = [];
  page.on('websocket', (socket) => {
    if (new URL(socket.url()).host !== new URL(proxy.socketUrl).host) return;
    socket.on('framereceived', ({ payload }) => {
      const frame = parse(payload);
      if (frame) frames.push(frame);
    });
  });
  return frames;
}
