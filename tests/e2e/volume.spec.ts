// Much, through many cuts: a page and a program hold the same bytes at the end, by their SHA-256.

import type { JSHandle } from '@playwright/test';
import { OwnServer } from './support/own-server';
import type { Cut, Proxy, Way } from './support/proxy';
import { expect, test, Wire, type Wired } from './support/resuming';
import { REFUSED_WHILE_CUT } from './support/test';

const BYTES = 100 * 1024 * 1024;
const CUTS = 50;

/** What fault-program says for each byte that it hears. */
const PART = 1.5 * 1024 * 1024;

test.beforeEach(({ complaints }) => {
  test.setTimeout(180_000);
  complaints.allow(REFUSED_WHILE_CUT);
});

/** The first link is there already: it ends, and the first of those begins that end as planned. */
async function beginCuts(proxy: Proxy, way: Way): Promise<void> {
  const cuts = Array.from({ length: CUTS }, (_, number): Cut => {
    // Each multiple of a fiftieth once, in no order. All of them have ended before everything is through, for
    // what is cut is sent again, so that the whole is more than the sum.
    const part = ((number * 19) % CUTS) / CUTS;
    const after = Math.floor((part * 2 * BYTES) / (CUTS + 10));
    return { way, after, manner: number % 2 === 0 ? 'reset' : 'finish' };
  });
  for (const cut of cuts) await proxy.plan(cut);
  await proxy.cut('finish');
}

async function expectCuts(wire: Wire, proxy: Proxy): Promise<void> {
  expect(await proxy.tally()).toMatchObject({ cut: CUTS + 1, open: 1 });
  const told = (await wire.told()).filter((what) => what !== 'reconnecting' && what !== 'connected');
  expect(told, 'nothing but that it was away').toEqual(['open']);
  // Some links were cut before they were welcomed.
  expect(await wire.resumed()).toBeGreaterThan(CUTS / 2);
}

test('a hundred megabytes of output arrive with the same hash through fifty cuts', async ({
  page,
  pages,
  rig,
}) => {
  const server = await rig.server([['say', String(BYTES), '51']]);
  const proxy = await rig.proxy(server.host);
  const wire = await Wire.open(page, pages, proxy, OwnServer.pair(0));
  await wire.hear('ready');
  await beginCuts(proxy, 'down');
  const heard = await hearAll(wire.wired);
  await wire.send('x');
  await wire.hear(heard);
  await expectCuts(wire, proxy);
});

test('a hundred megabytes of input arrive with the same hash through fifty cuts', async ({
  page,
  pages,
  rig,
}) => {
  const server = await rig.server([['digest', String(BYTES)]]);
  const proxy = await rig.proxy(server.host);
  const wire = await Wire.open(page, pages, proxy, OwnServer.pair(0));
  await wire.hear('ready');
  await beginCuts(proxy, 'up');
  await wire.hear(await sayAll(wire.wired));
  await expectCuts(wire, proxy);
});

/** Has the program say all, part by part; returns the SHA-256 of what the page heard, in hex. */
async function hearAll(wired: JSHandle<Wired>): Promise<string> {
  const digest = await wired.evaluate(
    async (wired, [bytes, part]) => {
      const heard: Uint8Array<ArrayBuffer>[] = [];
      const { take } = wired;
      let [at, asked] = [0, 0];
      await new Promise<void>((whole) => {
        const ask = () => {
          asked += part;
          wired.connection.send('x');
        };
        wired.take = (output) => {
          heard.push(output);
          at += output.length;
          if (at >= bytes) whole();
          else if (at >= asked) ask();
        };
        ask();
      });
      wired.take = take;
      const whole = await new Blob(heard).arrayBuffer();
      return [...new Uint8Array(await crypto.subtle.digest('SHA-256', whole))];
    },
    [BYTES, PART] as const,
  );
  return Buffer.from(digest).toString('hex');
}

/** Sends random bytes in messages of any size; returns their SHA-256, in hex. */
async function sayAll(wired: JSHandle<Wired>): Promise<string> {
  const digest = await wired.evaluate(async ({ connection }, bytes) => {
    const said = new Uint8Array(bytes);
    const [mostAtOnce, longest] = [65_536, 49_152];
    for (let at = 0; at < bytes; at += mostAtOnce) crypto.getRandomValues(said.subarray(at, at + mostAtOnce));
    for (let at = 0; at < bytes;) {
      const end = at + 1 + ((at * 31) % longest);
      connection.send(said.subarray(at, end));
      at = end;
      // Nothing tells when there is room again.
      while (connection.bufferedAmount > 4 * longest) await new Promise((later) => setTimeout(later));
    }
    return [...new Uint8Array(await crypto.subtle.digest('SHA-256', said))];
  }, BYTES);
  return Buffer.from(digest).toString('hex');
}
