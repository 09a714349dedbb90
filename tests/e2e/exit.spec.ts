// A shell that ends says so and can be started again; a connection closed by hand can be opened again.

import { expect, test } from './support/test';

test('a shell that has exited says so, and its successor is a fresh one', async ({
  page,
  server,
  shells,
}) => {
  const a = await server.create();
  await shells.open(a);
  await shells.run('KEPT=yes; exit 3');
  await expect(page.getByText('Shell exited with code 3.')).toBeVisible();
  await shells.expectStatus(a, 'disconnected');
  await expect(shells.chip(a)).toHaveCount(0);

  await page.getByRole('button', { name: 'Start again' }).click();
  await shells.expectStatus(a, 'connected');
  await expect(shells.entry(a)).toHaveAttribute('data-active', 'true');
  await expect(shells.terminal.locator('textarea')).toBeFocused();
  await shells.settle();
  await shells.run('echo "kept=${KEPT-no}"');
  await shells.expectLine('kept=no');
});

test('choosing an environment whose shell has exited starts a new one', async ({ page, server, shells }) => {
  const a = await server.create();
  await shells.open(a);
  await shells.run('exit');
  await expect(page.getByRole('button', { name: 'Start again' })).toBeVisible();
  await shells.choose(a);
  await shells.settle();
});

test('disconnecting keeps the shell, and connecting again finds it as it was', async ({
  page,
  server,
  shells,
}) => {
  const a = await server.create();
  await shells.open(a);
  await shells.run('KEPT=yes');
  await page.getByRole('button', { name: `Disconnect ${a.project}/${a.env}` }).click();
  await shells.expectStatus(a, 'disconnected');
  await expect(shells.chip(a)).toHaveCount(0);
  await expect(page.getByText('The shell keeps running on the server.')).toBeVisible();

  await page.getByRole('button', { name: 'Connect', exact: true }).click();
  await shells.expectStatus(a, 'connected');
  await shells.expectLine('ready-42');
  await shells.run('echo "kept=${KEPT-no}"');
  await shells.expectLine('kept=yes');
});
