// A server that does not answer is said plainly, and asked again until it does.

import { expect, test } from './support/test';

test('a server that is away is said to be, and the list comes by itself when it is back', async ({
  complaints,
  page,
  server,
  shells,
}) => {
  complaints.allow(/Failed to load resource/);
  const a = await server.create();
  await page.route('**/api/projects', (route) => route.abort('connectionrefused'));
  await page.goto('/');
  await expect(page.getByRole('alert')).toHaveText('The server does not answer. Trying again…');
  await page.unroute('**/api/projects');
  await expect(shells.entry(a)).toBeVisible();
  await expect(page.getByRole('alert')).toHaveCount(0);
});

test('a list that cannot be read any more takes nothing from the open shell', async ({
  complaints,
  page,
  server,
  shells,
}) => {
  complaints.allow(/Failed to load resource/);
  const [a, b] = [await server.create(), await server.create()];
  await shells.open(a);
  await page.route('**/api/projects', (route) => route.fulfill({ status: 500, body: 'no' }));
  // The end of a connection is one of the times at which the list is read.
  await shells.choose(b);
  await page.getByRole('button', { name: `Disconnect ${a.project}/${a.env}` }).click();
  await expect(page.getByRole('alert')).toHaveText('The server answered 500. Trying again…');
  await expect(shells.entry(a)).toBeVisible();
  await shells.expectStatus(b, 'connected');
  await shells.terminal.click();
  await shells.settle();
});

test('an empty server says how to begin', async ({ page }) => {
  await page.route('**/api/projects', (route) => route.fulfill({ json: { projects: [] } }));
  await page.goto('/');
  await expect(page.getByText('There is nothing here yet.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'New environment' })).toBeEnabled();
});
