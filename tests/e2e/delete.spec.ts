// Deleting an environment, from the page or from elsewhere, ends its connection and its entry.

import { managerStatus } from './support/manager';
import { expect, REFUSED_WHILE_CUT, test } from './support/test';

test('deleting asks once and leaves neither entry nor connection', async ({ page, server, shells }) => {
  const pair = await server.create();
  await shells.open(pair);
  const remove = page.getByRole('button', { name: `Delete ${pair.project}/${pair.env}` });

  await remove.click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Keep' }).click();
  await shells.expectStatus(pair, 'connected');
  expect(await server.has(pair)).toBe(true);

  await remove.click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click();
  await expect(shells.entry(pair)).toHaveCount(0);
  await expect(shells.terminal).toHaveCount(0);
  await expect(page.getByText('Choose an environment')).toBeVisible();
  await expect.poll(() => managerStatus(page, pair)).toBe('disconnected');
  expect(await server.has(pair)).toBe(false);
});

test('an environment in the background can be deleted without leaving the shell in front', async ({
  page,
  server,
  shells,
}) => {
  const [front, back] = [await server.create(), await server.create()];
  await shells.open(back);
  await shells.choose(front);
  await shells.settle();
  await page.getByRole('button', { name: `Delete ${back.project}/${back.env}` }).click();
  await page.keyboard.press('Enter');

  await expect(shells.entry(back)).toHaveCount(0);
  await expect.poll(() => managerStatus(page, back)).toBe('disconnected');
  await shells.expectStatus(front, 'connected');
  await shells.terminal.click();
  await shells.run('echo still-$((40 + 2))');
  await shells.expectLine('still-42');
});

test('what is deleted elsewhere vanishes here, in front and in the background', async ({
  page,
  server,
  shells,
}) => {
  const [front, back] = [await server.create(), await server.create()];
  await shells.open(back);
  await shells.choose(front);
  await server.delete(back);
  await expect(shells.entry(back)).toHaveCount(0);
  await shells.expectStatus(front, 'connected');

  await server.delete(front);
  await expect(shells.entry(front)).toHaveCount(0);
  await expect(page.getByText(`There is no ${front.project}/${front.env}`)).toBeVisible();
  await expect(shells.terminal).toHaveCount(0);
  await expect.poll(() => managerStatus(page, front)).toBe('disconnected');
  await expect.poll(() => managerStatus(page, back)).toBe('disconnected');
});

test('what is deleted while the link is down is gone once the link is back', async ({
  complaints,
  page,
  server,
  shells,
}) => {
  complaints.allow(REFUSED_WHILE_CUT);
  // The server accepts the socket before it says that the environment is gone; the page then tells the size.
  complaints.allow(/status of 404/);
  const pair = await server.create();
  await shells.open(pair);
  await server.cutLinks();
  await shells.expectStatus(pair, 'reconnecting');
  await server.delete(pair);
  await server.mendLinks();
  await expect(shells.entry(pair)).toHaveCount(0);
  await expect.poll(() => managerStatus(page, pair)).toBe('disconnected');
});
