// A terminal takes what it can show, and the rest waits with the program; for a while, at most.

import { access } from 'node:fs/promises';
import { serverUrl } from './support/settings';
import { expect, test as base } from './support/resuming';
import { Tabs } from './support/tabs';
import { Traffic } from './support/traffic';

const test = base.extend<{ readonly tabs: Tabs }>({
  tabs: async ({}, use) => {
    const tabs = await Tabs.start();
    await use(tabs);
    await tabs.close();
  },
});

/** Longer than the server waits for a viewer that takes nothing. */
const PATIENCE_MS = 30_000;

const KIB = 1024;

test('a flood is held back by the terminal, and Ctrl-C ends it at once', async ({ page, server, shells }) => {
  const traffic = new Traffic(page);
  await shells.open(await server.create());
  await shells.run('yes "a line that goes on and on and on"');
  await expect.poll(() => traffic.bytes, { message: 'bytes of a flood' }).toBeGreaterThan(8 * KIB * KIB);
  const before = traffic.bytes;
  await page.keyboard.press('Control+c');
  await shells.run('echo done-$((40 + 2))');
  await shells.expectLine('done-42');
  // What was on its way, and what the terminal's own buffers on the server held.
  expect(traffic.bytes - before).toBeLessThan(4 * KIB * KIB);
  expect(traffic.window).toBeGreaterThan(0);
  expect(traffic.most).toBeLessThanOrEqual(traffic.window);
  expect(traffic.gaps).toEqual([]);
});

test('all of a large file is shown, and never more of it waits than the window holds', async ({
  page,
  server,
  shells,
}) => {
  const traffic = new Traffic(page);
  await shells.open(await server.create());
  await shells.run('seq -f "%.0f of many" 1 400000; echo done-$((40 + 2))');
  await expect.poll(() => shells.lines(), { timeout: PATIENCE_MS }).toContain('done-42');
  expect((await shells.lines()).filter((line) => line.endsWith(' of many')).at(-1)).toBe('400000 of many');
  expect(traffic.bytes).toBeGreaterThan(400_000 * '100000 of many\r\n'.length * 0.95);
  expect(traffic.most).toBeLessThanOrEqual(traffic.window);
  expect(traffic.gaps).toEqual([]);
});

test('a tab that is hidden neither stops the program nor grows, and shows the screen when it is seen', async ({
  rig,
  server,
  tabs,
}) => {
  const { project, env } = await server.create();
  const tab = await tabs.open(`${serverUrl()}/#/${project}/${env}`);
  const lines = async () => {
    const rows = `[...document.querySelectorAll('[data-testid=terminal] .xterm-rows > div')]`;
    const texts = await tab.evaluate<string[]>(`${rows}.map((row) => row.textContent)`);
    return texts.map((text) => text.replaceAll('\u00a0', ' ').trimEnd());
  };
  const connection = `WebSocketManager.getConnection('${project}', '${env}')`;
  const type = (text: string) => tab.evaluate(`${connection}.send(${JSON.stringify(`${text}\n`)})`);
  const received = () => tab.evaluate<number>('WebSocketManager.getMetrics().bytesIn');
  await expect.poll(() => tab.evaluate('document.querySelector("[data-status=connected]") !== null')).toBe(true);
  await type(`PS1='$ '; clear; echo ready-$((40 + 2))`);
  await expect.poll(lines).toContain('ready-42');

  await tabs.open('about:blank');
  await expect.poll(() => tab.evaluate('document.hidden')).toBe(true);
  const before = await received();
  const ended = rig.file();
  await type(`seq -f '%.0f of many' 1 400000; touch ${ended}; echo done-$((40 + 2))`);
  const hasEnded = () => access(ended).then(() => true, () => false);
  await expect.poll(hasEnded, { message: 'the program has ended', timeout: PATIENCE_MS }).toBe(true);
  // Two windows at most: what was on its way, and what was consumed before it was behind.
  expect((await received()) - before).toBeLessThan(600 * KIB);

  await tab.show();
  await expect.poll(() => tab.evaluate('document.hidden')).toBe(false);
  await expect.poll(lines, { message: 'the screen' }).toContain('done-42');
  const shown = (await lines()).filter((line) => line !== '');
  expect(shown.slice(-3)).toEqual(['400000 of many', 'done-42', '$']);
  await type('echo again-$((40 + 2))');
  await expect.poll(lines).toContain('again-42');
});
