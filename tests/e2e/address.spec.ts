// The address says which environment is looked at: it can be reloaded, gone back from and mistyped.

import { expect, test } from './support/test';

test('a reload finds the shell and what it last said', async ({ page, server, shells }) => {
  const a = await server.create();
  await shells.open(a);
  await shells.run('KEPT=yes; echo before-$((40 + 2))');
  await shells.expectLine('before-42');

  await page.reload();
  await shells.expectStatus(a, 'connected');
  await shells.expectLine('before-42');
  await expect(shells.terminal.locator('textarea')).toBeFocused();
  await shells.run('echo "kept=${KEPT-no}"');
  await shells.expectLine('kept=yes');
});

test('the back button leads to the environment before, and forward again', async ({
  page,
  server,
  shells,
}) => {
  const [a, b] = [await server.create(), await server.create()];
  await shells.open(a);
  await shells.choose(b);
  await page.goBack();
  await expect(shells.entry(a)).toHaveAttribute('data-active', 'true');
  await shells.expectLine('ready-42');
  await page.goForward();
  await expect(shells.entry(b)).toHaveAttribute('data-active', 'true');
});

test('an address of no environment says so, opens no socket and offers to make it', async ({
  page,
  server,
  shells,
}) => {
  const sockets: string[] = [];
  page.on('websocket', (socket) => sockets.push(socket.url()));
  const pair = server.reserve();
  await page.goto(`/#/${pair.project}/${pair.env}`);
  await expect(page.getByText(`There is no ${pair.project}/${pair.env}`)).toBeVisible();
  await expect(shells.terminal).toHaveCount(0);
  expect(sockets).toEqual([]);

  await page.getByRole('button', { name: 'Create it' }).click();
  await expect(page.getByLabel('Project')).toHaveValue(pair.project);
  await expect(page.getByLabel('Environment', { exact: true })).toHaveValue(pair.env);
  await page.getByRole('button', { name: 'Create', exact: true }).click();
  await shells.expectStatus(pair, 'connected');
  expect(sockets).toHaveLength(1);
});

test('an address that is none at all leads to the start', async ({ page, shells }) => {
  await page.goto('/#/%E0%A4%A/x');
  await expect(page.getByText('Choose an environment')).toBeVisible();
  await expect(shells.terminal).toHaveCount(0);
});
