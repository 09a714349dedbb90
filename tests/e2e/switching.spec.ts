// Switching between environments loses nothing, and says which one is looked at.

import { COUNTER, expectBeyond, expectUnbroken, numbers } from './support/counter';
import { expect, test } from './support/test';

const GREEN = 'rgb(76, 175, 80)';
const BLUE = 'rgb(33, 150, 243)';

test('coming back shows the same terminal, cell for cell, with its program at work', async ({
  page,
  server,
  shells,
}) => {
  const [a, b] = [await server.create(), await server.create()];
  await shells.open(a);
  await shells.run(`printf 'plain \\033[1;35mcoloured\\033[0m \\033[7mreversed\\033[0m\\n'; cat`);
  await shells.expectLine('plain coloured reversed');
  await shells.run('said once');
  // Typed, and repeated by cat.
  await expect.poll(async () => (await shells.lines()).filter((line) => line === 'said once').length).toBe(2);
  const before = await shells.lines();
  const cells = await shells.terminal.locator('.xterm-rows > div').first().innerHTML();
  const element = await shells.terminal.locator('.xterm').elementHandle();

  await shells.choose(b);
  await shells.settle();
  await shells.run('echo other-$((40 + 2))');
  await shells.expectLine('other-42');
  expect(await shells.lines()).not.toContain('said once');

  await shells.choose(a);
  expect(await page.evaluate((one) => one?.isConnected, element)).toBe(true);
  await expect.poll(() => shells.lines()).toEqual(before);
  expect(await shells.terminal.locator('.xterm-rows > div').first().innerHTML()).toBe(cells);
  await shells.run('said afterwards');
  await expect
    .poll(async () => (await shells.lines()).filter((line) => line === 'said afterwards').length)
    .toBe(2);
});

test('a program goes on in the background and none of its output is missing', async ({ server, shells }) => {
  const [a, b] = [await server.create(), await server.create()];
  await shells.open(a);
  await shells.run(COUNTER);
  await expectBeyond(shells, 3);
  const left = (await numbers(shells)).at(-1) ?? 0;

  await shells.choose(b);
  await shells.settle();
  // The other shell is the clock: when it has counted to ten, so has the first.
  await shells.run(COUNTER);
  await expectBeyond(shells, 10);

  await shells.choose(a);
  await expectBeyond(shells, left + 5);
  await expectUnbroken(shells);
});

test('the chip is green where one looks, blue in the background and nowhere else', async ({
  server,
  shells,
}) => {
  const [a, b, unused] = [await server.create(), await server.create(), await server.create()];
  await shells.open(a);
  await expect(shells.chip(a)).toHaveText('Connected');
  await expect(shells.chip(a)).toHaveCSS('background-color', GREEN);

  await shells.choose(b);
  await expect(shells.chip(b)).toHaveCSS('background-color', GREEN);
  await expect(shells.chip(a)).toHaveText('Connected');
  await expect(shells.chip(a)).toHaveCSS('background-color', BLUE);
  await expect(shells.entry(a)).toHaveAttribute('data-active', 'false');
  await expect(shells.chip(unused)).toHaveCount(0);
  await expect(shells.entry(unused)).toHaveAttribute('data-status', 'disconnected');
});

test('there is one visible terminal, and none before anything is chosen', async ({
  page,
  server,
  shells,
}) => {
  const [a, b] = [await server.create(), await server.create()];
  await page.goto('/');
  await expect(shells.entry(a)).toBeVisible();
  await expect(shells.terminal).toHaveCount(0);
  await shells.choose(a);
  await shells.choose(b);
  await expect(shells.terminal).toHaveCount(1);
});
