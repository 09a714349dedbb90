// The shell knows the size of the terminal that is looked at.

import type { Page } from '@playwright/test';
import { writeFile } from 'node:fs/promises';
import { expect, test } from './support/resuming';
import { Shells } from './support/shells';
import { REFUSED_WHILE_CUT } from './support/test';
import { Traffic } from './support/traffic';

/** Says the terminal's size over and over. */
const WATCH_SIZE = 'while :; do echo "size=$(stty size)"; sleep 0.1; done';

/** The size that the page last told the server, in a control frame of its WebSockets, as `stty size` writes it. */
function lastTold(page: Page): () => string {
  let told = '';
  const hear = ({ payload }: { payload: string | Buffer }) => {
    if (typeof payload !== 'string' || !payload.startsWith('\0{')) return;
    const { cols, rows } = JSON.parse(payload.slice(1)) as { cols?: number | null; rows?: number };
    if (cols) told = `${rows} ${cols}`;
  };
  page.on('websocket', (socket) => socket.on('framesent', hear));
  return () => told;
}

async function expectShellToKnow(shells: Shells, told: () => string): Promise<void> {
  await expect
    .poll(async () => (await shells.lines()).findLast((line) => line.startsWith('size=')))
    .toBe(`size=${told()}`);
  const rows = await shells.terminal.locator('.xterm-rows > div').count();
  expect(told()).toMatch(new RegExp(`^${rows} `));
}

test('the shell starts with the size that is on the page', async ({ page, server, shells }) => {
  const told = lastTold(page);
  await shells.open(await server.create());
  await shells.run('echo "size=$(stty size)"');
  await expectShellToKnow(shells, told);
});

test('a larger or smaller window is a larger or smaller terminal', async ({ page, server, shells }) => {
  const told = lastTold(page);
  await shells.open(await server.create());
  await shells.run(WATCH_SIZE);
  await expectShellToKnow(shells, told);
  for (const viewport of [
    { width: 1000, height: 600 },
    { width: 1500, height: 900 },
  ]) {
    const before = told();
    await page.setViewportSize(viewport);
    await expect.poll(told).not.toBe(before);
    await expectShellToKnow(shells, told);
  }
});

test('a terminal that was away while the window changed is fitted on coming back', async ({
  page,
  server,
  shells,
}) => {
  const told = lastTold(page);
  const [a, b] = [await server.create(), await server.create()];
  await shells.open(a);
  await shells.run(WATCH_SIZE);
  await expectShellToKnow(shells, told);
  await shells.choose(b);
  const before = told();
  await page.setViewportSize({ width: 1000, height: 600 });
  await expect.poll(told).not.toBe(before);
  await shells.choose(a);
  await expectShellToKnow(shells, told);
});

/** What the shell says last that its size is. */
function sizeSaid(shells: Shells): () => Promise<string | undefined> {
  return async () => {
    const said = (await shells.lines()).findLast((line) => /^size=\d+ \d+$/.test(line));
    return said?.slice('size='.length);
  };
}

/** How many rows the page's terminal has. */
function rows(shells: Shells): Promise<number> {
  return shells.terminal.locator('.xterm-rows > div').count();
}

test('of two tabs, the one that was used last has the size, and the other shows it', async ({
  page,
  server,
  shells,
}) => {
  const pair = await server.create();
  const traffic = new Traffic(page);
  await page.setViewportSize({ width: 1280, height: 800 });
  await shells.open(pair);
  const other = await page.context().newPage();
  await other.setViewportSize({ width: 900, height: 500 });
  const [others, otherTraffic] = [new Shells(other), new Traffic(other)];
  await other.goto('/');
  await others.choose(pair);
  const [large, small] = [traffic.sizes.at(-1)!, otherTraffic.sizes.at(-1)!];
  expect(large).not.toBe(small);
  const heights = [large, small].map((size) => Number(size.split(' ')[0]));
  const before = [traffic.sizes.length, otherTraffic.sizes.length];

  for (const [typing, size, height] of [
    [shells, large, heights[0]!],
    [others, small, heights[1]!],
    [shells, large, heights[0]!],
  ] as const) {
    await typing.page.bringToFront();
    await typing.run('clear; echo "size=$(stty size)"');
    for (const watching of [shells, others]) {
      await expect.poll(sizeSaid(watching)).toBe(size);
      await expect.poll(() => rows(watching)).toBe(height);
    }
  }
  // None of the two has told a size because of the other's.
  expect([traffic.sizes.length, otherTraffic.sizes.length]).toEqual(before);

  // A window that is made larger or smaller has been used.
  await other.setViewportSize({ width: 1000, height: 600 });
  await expect.poll(() => otherTraffic.sizes.length).toBeGreaterThan(before[1]!);
  await expect.poll(() => rows(shells)).toBe(Number(otherTraffic.sizes.at(-1)!.split(' ')[0]));
  await expect.poll(() => rows(others)).toBe(Number(otherTraffic.sizes.at(-1)!.split(' ')[0]));
  expect(traffic.sizes.length).toBe(before[0]);
});

test('a tab that only watches shows the same when it has been elsewhere, where it was fitted', async ({
  page,
  server,
  shells,
}) => {
  const [pair, elsewhere] = [await server.create(), await server.create()];
  await shells.open(pair);
  const other = await page.context().newPage();
  await other.setViewportSize({ width: 900, height: 500 });
  const others = new Shells(other);
  await other.goto('/');
  await others.choose(pair);
  await page.bringToFront();
  // Up to the last row of the alternate screen, where nothing is kept of what is cut off.
  const full = `printf '\\033[?1049h\\033[H'; seq 2 $(stty size | cut -d' ' -f1); printf bottom; read -r`;
  await shells.run(full);
  await shells.expectLine('bottom');
  await expect.poll(() => others.lines()).toEqual(await shells.lines());
  await other.bringToFront();
  await others.choose(elsewhere);
  await others.choose(pair);
  await expect.poll(() => others.lines()).toEqual(await shells.lines());
});

test('a size that is changed while the link is down holds when it is back, the last one', async ({
  complaints,
  page,
  rig,
  server,
  shells,
}) => {
  complaints.allow(REFUSED_WHILE_CUT);
  const told = lastTold(page);
  const pair = await server.create();
  await shells.open(pair);
  const go = rig.file();
  // Drawn for the size of before, and replayed afterwards.
  await shells.run(`until [ -e ${go} ]; do sleep 0.05; done; echo missed-$((40 + 2)); ${WATCH_SIZE}`);
  await server.cutLinks();
  await shells.expectStatus(pair, 'reconnecting');
  await writeFile(go, '');
  const before = told();
  for (const viewport of [
    { width: 900, height: 500 },
    { width: 1100, height: 650 },
  ]) {
    const height = await rows(shells);
    await page.setViewportSize(viewport);
    await expect.poll(() => rows(shells)).not.toBe(height);
  }
  await server.mendLinks();
  await shells.expectStatus(pair, 'connected');
  expect(told()).not.toBe(before);
  await expectShellToKnow(shells, told);
});
