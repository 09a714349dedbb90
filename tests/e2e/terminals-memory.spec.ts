// What a flood costs: neither the page nor the server grows with what goes through them.

import { OwnServer } from './support/own-server';
import { expect, SILENT, show, test } from './support/screens';

const MIB = 1024 * 1024;
const BYTES = 100 * MIB;
const LINE = '%015.0f of many';

/** More than garbage and the allocators' own stores take; much less than went through. */
const MOST = 48 * MIB;

/** Longer than the machine needs, however busy. */
const PATIENCE_MS = 120_000;

test('a hundred megabytes through a terminal leave the page and the server as large as they were', async ({
  page,
  pages,
  rig,
}) => {
  test.setTimeout(180_000);
  const server = await rig.server([['echo', rig.file()]]);
  const pair = { project: OwnServer.pair(0).project, env: 'shell' };
  const path = `http://${server.host}/api/projects/${pair.project}/environments`;
  const created = await page.request.post(path, { data: { id: pair.env } });
  expect(created.status()).toBe(201);
  await pages.open(page, 'plain');
  const shown = await show(page, 'only', `ws://${server.host}/ws/{project}/{env}`, pair);
  await shown.type(SILENT);
  await shown.expectText('ready');

  const devtools = await page.context().newCDPSession(page);
  const heap = async () => (await devtools.send('Runtime.getHeapUsage')).usedSize;
  const look = async () => ({ page: await heap(), server: await server.memory() });
  await devtools.send('HeapProfiler.collectGarbage');
  const before = await look();
  const peak = { ...before };
  const lines = Math.ceil(BYTES / '000000000000001 of many\r\n'.length);
  await shown.type(`seq -f '${LINE}' 1 ${lines}; printf 'do''ne'\n`);
  const ends = async () => {
    const now = await look();
    [peak.page, peak.server] = [Math.max(peak.page, now.page), Math.max(peak.server, now.server)];
    return (await shown.text()).endsWith('done');
  };
  await expect.poll(ends, { message: 'the flood has ended', timeout: PATIENCE_MS, intervals: [100] }).toBe(true);
  await devtools.send('HeapProfiler.collectGarbage');
  const after = await look();

  const figures = { before, peak, after };
  console.log(`memory in a flood of ${BYTES} bytes: ${JSON.stringify(figures)}`);
  expect(peak.server - before.server).toBeLessThan(MOST);
  expect(after.page - before.page).toBeLessThan(MOST);
  expect(await shown.gaps()).toEqual([]);
});
