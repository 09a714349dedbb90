// The page on a phone, where the sidebar is a drawer.

import { expect, test } from './support/test';

test.use({ viewport: { width: 390, height: 844 }, hasTouch: true });

test('the drawer leads to a shell and gets out of its way', async ({ page, server, shells }) => {
  const a = await server.create();
  await page.goto('/');
  await page.getByRole('button', { name: 'Show environments' }).tap();
  await shells.entry(a).getByRole('button').first().tap();
  await shells.expectStatus(a, 'connected');
  await expect(page.getByRole('button', { name: 'New environment' })).toBeHidden();
  await expect(shells.terminal.locator('textarea')).toBeFocused();
  await shells.settle();
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(overflow, 'pixels to scroll sideways').toBeLessThanOrEqual(0);
});

test('a new environment is made from the drawer, the keyboard already in the first field', async ({
  page,
  server,
  shells,
}) => {
  const pair = server.reserve();
  await page.goto('/');
  await page.getByRole('button', { name: 'Show environments' }).tap();
  await page.getByRole('button', { name: 'New environment' }).tap();
  await expect(page.getByLabel('Project')).toBeFocused();
  await page.getByLabel('Project').fill(pair.project);
  await page.getByLabel('Environment', { exact: true }).fill(pair.env);
  await page.keyboard.press('Enter');
  await shells.expectStatus(pair, 'connected');
  await expect(shells.terminal.locator('textarea')).toBeFocused();
});
