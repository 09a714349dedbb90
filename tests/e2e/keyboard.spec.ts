// Everything can be done without a mouse.

import { expect, test } from './support/test';

test('an entry is chosen, its environment deleted and the question answered with keys alone', async ({
  page,
  server,
  shells,
}) => {
  const a = await server.create();
  await page.goto('/');
  await shells.entry(a).getByRole('button').first().focus();
  await page.keyboard.press('Enter');
  await shells.expectStatus(a, 'connected');
  await expect(shells.terminal.locator('textarea')).toBeFocused();

  const remove = page.getByRole('button', { name: `Delete ${a.project}/${a.env}` });
  await remove.focus();
  await page.keyboard.press('Space');
  await expect(page.getByRole('alertdialog')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(remove).toBeFocused();
  await page.keyboard.press('Space');
  await page.keyboard.press('Enter');
  await expect(shells.entry(a)).toHaveCount(0);
});
