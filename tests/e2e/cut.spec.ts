// A link that is cut comes back by itself, and what ran behind it went on.

import { expectBeyond, numbers } from './support/counter';
import { expect, REFUSED_WHILE_CUT, test } from './support/test';

test('a program goes on while the link is cut for two seconds, and all of it is shown once', async ({
  complaints,
  server,
  shells,
}) => {
  complaints.allow(REFUSED_WHILE_CUT);
  const a = await server.create();
  await shells.open(a);
  // Six seconds and thirty lines: more than the cut takes, less than the screen holds.
  await shells.run('for i in $(seq 30); do echo "n=$i"; sleep 0.2; done; echo done-$((40 + 2))');
  await expectBeyond(shells, 2);

  const cut = shells.nextStatus(a, 'reconnecting');
  await shells.cutButton.click();
  await cut;
  await shells.expectStatus(a, 'connected');
  await shells.expectLine('done-42');
  expect(await numbers(shells)).toEqual(Array.from({ length: 30 }, (_, index) => index + 1));
});

test('the sidebar says that the link is down, in front and in the background, until it is back', async ({
  complaints,
  server,
  shells,
}) => {
  complaints.allow(REFUSED_WHILE_CUT);
  const [back, front] = [await server.create(), await server.create()];
  await shells.open(back);
  await shells.choose(front);
  await shells.settle();

  await server.cutLinks();
  await expect(shells.chip(back)).toHaveText('Reconnecting…');
  await expect(shells.chip(front)).toHaveText('Reconnecting…');
  await expect(shells.entry(front)).toHaveAttribute('data-active', 'true');
  expect(await shells.lines(), 'the screen stays readable').toContain('ready-42');

  await server.mendLinks();
  await shells.expectStatus(back, 'connected');
  await shells.expectStatus(front, 'connected');
  await expect(shells.entry(front)).toHaveAttribute('data-active', 'true');
  await expect(shells.entry(back)).toHaveAttribute('data-active', 'false');
});

test('a server that cannot cut links says so on the button', async ({ complaints, page, server, shells }) => {
  complaints.allow(/status of 404/);
  // As a server without --faults answers.
  await page.route('**/faults/*', (route) =>
    route.fulfill({ status: 404, json: { error: 'not found' } }),
  );
  const a = await server.create();
  await shells.open(a);
  await shells.cutButton.click();
  await expect(shells.cutButton).toBeDisabled();
  await shells.cutButton.locator('..').hover();
  await expect(page.getByRole('tooltip')).toContainText('--faults');
  await shells.expectStatus(a, 'connected');
});
