// What is typed while the link is down is sent afterwards, or refused aloud.

import { expect, REFUSED_WHILE_CUT, test } from './support/test';

test('what is typed while the link is down arrives once, afterwards', async ({
  complaints,
  page,
  server,
  shells,
}) => {
  complaints.allow(REFUSED_WHILE_CUT);
  const a = await server.create();
  // Terminals discard what is five seconds old; a busy machine may need longer to bring the link back.
  await page.goto('/');
  await page.evaluate(() => window.WebSocketManager.configure({ maxInputAgeMs: 600_000 }));
  await shells.choose(a);
  await shells.settle();
  await server.cutLinks();
  await shells.expectStatus(a, 'reconnecting');
  await expect(page.getByText('What you type is sent if the link is back')).toBeVisible();
  // A click is not to take the keyboard away from the shell.
  await page.getByRole('button', { name: 'Try now' }).click();
  await shells.run('echo typed-$((40 + 2))');
  expect(await shells.lines()).not.toContain('typed-42');

  await server.mendLinks();
  await shells.expectLine('typed-42');
  await shells.run('echo after-$((40 + 2))');
  await shells.expectLine('after-42');
  expect((await shells.lines()).filter((line) => line === 'typed-42')).toHaveLength(1);
});

test('what was typed too long ago is not typed any more, and the page says so', async ({
  complaints,
  page,
  server,
  shells,
}) => {
  complaints.allow(REFUSED_WHILE_CUT);
  const a = await server.create();
  await page.goto('/');
  await page.evaluate(() => window.WebSocketManager.configure({ maxInputAgeMs: 1 }));
  await shells.choose(a);
  await shells.settle();
  await server.cutLinks();
  await shells.expectStatus(a, 'reconnecting');
  await shells.run('echo typed-$((40 + 2))');

  await server.mendLinks();
  await shells.expectStatus(a, 'connected');
  await expect(page.getByText('what you typed meanwhile was not sent')).toBeVisible();
  await shells.run('echo after-$((40 + 2))');
  await shells.expectLine('after-42');
  expect(await shells.lines()).not.toContain('typed-42');
});

test('what is too much to keep is refused aloud, and the shell goes on', async ({
  complaints,
  page,
  server,
  shells,
}) => {
  complaints.allow(REFUSED_WHILE_CUT);
  const a = await server.create();
  await shells.open(a);
  await server.cutLinks();
  await shells.expectStatus(a, 'reconnecting');
  await shells.paste('x'.repeat(3 * 1024 * 1024));
  await expect(page.getByText('That was too much to keep while the link is down.')).toBeVisible();

  await server.mendLinks();
  await shells.expectStatus(a, 'connected');
  await shells.run('echo after-$((40 + 2))');
  await shells.expectLine('after-42');
});
