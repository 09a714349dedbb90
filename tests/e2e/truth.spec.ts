// The sidebar tells the truth: whenever anybody can look, its entries say what the manager says.

import { closeConnection } from './support/manager';
import { expect, REFUSED_WHILE_CUT, test } from './support/test';
import { watchTruth } from './support/truth';

test('the entries agree with the manager at every moment of a restless life', async ({
  complaints,
  page,
  server,
  shells,
}) => {
  complaints.allow(REFUSED_WHILE_CUT);
  const [a, b] = [await server.create(), await server.create()];
  await page.goto('/');
  await expect(shells.entry(a)).toBeVisible();
  const truth = await watchTruth(page, [a, b]);

  await shells.choose(a);
  await shells.choose(b);
  await server.cutLinks();
  await shells.expectStatus(a, 'reconnecting');
  await shells.expectStatus(b, 'reconnecting');
  await server.mendLinks();
  await shells.expectStatus(a, 'connected');
  await shells.expectStatus(b, 'connected');
  await closeConnection(page, a);
  await shells.expectStatus(a, 'disconnected');
  await shells.choose(a);

  const { looks, lies, seen } = await truth.stop();
  expect(lies).toEqual([]);
  expect(looks).toBeGreaterThan(50);
  const statuses = seen.filter(({ env }) => env === a.env).map(({ status }) => status);
  expect(withoutRepeats(statuses).filter((status) => status !== 'disconnecting')).toEqual([
    'disconnected',
    'connecting',
    'connected',
    'reconnecting',
    'connected',
    'disconnected',
    'connecting',
    'connected',
  ]);
});

/** An entry is looked at anew when only its other half has changed. */
function withoutRepeats(statuses: readonly string[]): string[] {
  return statuses.filter((status, index) => status !== statuses[index - 1]);
}
