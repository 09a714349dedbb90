// Making an environment from the page, and what is said when it cannot be made.

import { expect, test } from './support/test';

test('a new environment is in the sidebar, chosen and ready to type in', async ({ page, server, shells }) => {
  const pair = server.reserve();
  await page.goto('/');
  await page.getByRole('button', { name: 'New environment' }).click();
  await page.getByLabel('Project').fill(pair.project);
  await page.getByLabel('Environment', { exact: true }).fill(pair.env);
  await page.keyboard.press('Enter');

  await expect(page.getByRole('dialog')).toHaveCount(0);
  await shells.expectStatus(pair, 'connected');
  await expect(shells.entry(pair)).toHaveAttribute('data-active', 'true');
  await expect(shells.terminal.locator('textarea')).toBeFocused();
  await shells.settle();
  expect(await server.has(pair)).toBe(true);
  expect(new URL(page.url()).hash).toBe(`#/${pair.project}/${pair.env}`);
});

test('names with spaces, slashes and unicode work from the dialog to the shell', async ({
  page,
  server,
  shells,
}) => {
  const { project, env } = server.reserve(' / 日本 & %2F');
  await page.goto('/');
  await page.getByRole('button', { name: 'New environment' }).click();
  await page.getByLabel('Project').fill(project);
  await page.getByLabel('Environment', { exact: true }).fill(env);
  await page.keyboard.press('Enter');
  await shells.expectStatus({ project, env }, 'connected');
  await shells.settle();

  await page.reload();
  await shells.expectStatus({ project, env }, 'connected');
  await shells.expectLine('ready-42');
});

test('what the server refuses is said at the field, and nothing typed is lost', async ({
  complaints,
  page,
  server,
}) => {
  complaints.allow(/status of 409/);
  const pair = await server.create();
  await page.goto('/');
  await page.getByRole('button', { name: 'New environment' }).click();
  const [project, env] = [page.getByLabel('Project'), page.getByLabel('Environment', { exact: true })];
  await project.fill(pair.project);
  await env.fill(pair.env);
  await page.getByRole('button', { name: 'Create', exact: true }).click();

  await expect(env).toHaveAccessibleDescription(/exists already/);
  await expect(env).toHaveAttribute('aria-invalid', 'true');
  await expect(project).toHaveAttribute('aria-invalid', 'false');
  await expect(project).toHaveValue(pair.project);
  await expect(env).toHaveValue(pair.env);

  const other = server.reserve();
  await env.fill(other.env);
  await expect(env).toHaveAttribute('aria-invalid', 'false');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog')).toHaveCount(0);
});

test('a name that cannot be is refused before the server is asked', async ({ page }) => {
  const posts: string[] = [];
  page.on('request', (request) => {
    if (request.method() === 'POST') posts.push(request.url());
  });
  await page.goto('/');
  await page.getByRole('button', { name: 'New environment' }).click();
  const [project, env] = [page.getByLabel('Project'), page.getByLabel('Environment', { exact: true })];
  const create = page.getByRole('button', { name: 'Create', exact: true });

  await create.click();
  await expect(project).toHaveAccessibleDescription(/name must not be empty/);
  await project.fill('..');
  await create.click();
  await expect(project).toHaveAccessibleDescription(/URLs cannot carry them/);
  await project.fill('e2e');
  await create.click();
  await expect(env).toHaveAccessibleDescription(/id must not be empty/);
  // 129 characters of two bytes each.
  await env.fill('é'.repeat(129));
  await create.click();
  await expect(env).toHaveAccessibleDescription(/256 bytes/);
  await env.fill('bell\u0007');
  await create.click();
  await expect(env).toHaveAccessibleDescription(/control characters/);
  expect(posts).toEqual([]);

  // A stray click beside the dialog is not a wish to lose what was typed.
  await page.mouse.click(5, 5);
  await expect(env).toHaveValue('bell\u0007');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
});
