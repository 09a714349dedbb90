// The shell knows the size of the terminal that is looked at.

import type { Page } from '@playwright/test';
import { expect, test } from './support/test';
import type { Shells } from './support/shells';

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
