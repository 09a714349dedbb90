// The server, killed and started again: what it knew is gone, and that is said.

import { readFile } from 'node:fs/promises';
import { ControlFrames } from './support/control-frames';
import { OwnServer } from './support/own-server';
import { expect, test, Wire } from './support/resuming';
import { REFUSED_WHILE_CUT } from './support/test';

test('a server that was killed has lost the session, which is said once, and a new shell begins', async ({
  complaints,
  page,
  pages,
  rig,
}) => {
  complaints.allow(REFUSED_WHILE_CUT);
  const started = rig.file();
  const server = await rig.server([['echo', started]]);
  const proxy = await rig.proxy(server.host);
  const frames = new ControlFrames(page);
  const wire = await Wire.open(page, pages, proxy, OwnServer.pair(0));
  await wire.hear('ready');
  await wire.send('first;');
  await wire.hear('first;');
  // Or it would be unsure, and a gap of its own.
  await frames.expectReceipt(1);

  await server.kill();
  await wire.expectTold('reconnecting');
  await wire.send('typed meanwhile;');
  await wire.send('and more;');
  // The new one comes when the page has tried in vain.
  const { begun } = await proxy.tally();
  await expect.poll(async () => (await proxy.tally()).begun).toBeGreaterThan(begun + 1);
  const next = await rig.server([['echo', started]]);
  await proxy.retarget(next.host);

  // A new shell, which has heard nothing of what was discarded.
  await wire.hear('ready');
  await wire.send('second;');
  await wire.hear('second;');
  expect(await wire.told()).toEqual([
    'connected',
    'open',
    'reconnecting',
    'connected',
    'gap in: session_lost',
    'discarded 2 of 25 bytes: session_lost',
    'open',
  ]);
  expect(await readFile(started, 'utf8')).toBe('started\nstarted\n');
});
