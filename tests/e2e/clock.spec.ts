// Clocks that jump by hours: after a sleep, when timers were not served, or because somebody has
// set them.

import { Clocks, type Jump } from './support/clocks';
import { ControlFrames } from './support/control-frames';
import { OwnServer } from './support/own-server';
import type { Proxy } from './support/proxy';
import { expect, test as base, Wire } from './support/resuming';

/** The wall clock alone goes on in a sleep; both are ahead when timers were not served. */
const SLEEPS: readonly (readonly [string, Jump])[] = [
  ['a sleep of hours', { wall: 8, monotonic: 0 }],
  ['hours without timers', { wall: 8, monotonic: 8 }],
];

interface Talk {
  readonly wire: Wire;
  readonly proxy: Proxy;
  readonly clocks: Clocks;
  readonly frames: ControlFrames;
}

/** A page whose clocks are in the test's hand, and that talks to a shell. */
const test = base.extend<{ readonly talk: Talk }>({
  talk: async ({ page, pages, rig }, use) => {
    const server = await rig.server([['echo', rig.file()]]);
    const proxy = await rig.proxy(server.host);
    const frames = new ControlFrames(page);
    const clocks = await Clocks.hold(page);
    const wire = await Wire.open(page, pages, proxy, OwnServer.pair(0));
    await clocks.watch();
    await wire.hear('ready');
    await wire.send('before;');
    await wire.hear('before;');
    expect(frames.questions()).toBe(0);
    await use({ wire, proxy, clocks, frames });
  },
});

/** One link and nothing else, for the proxy as for the application. */
async function expectCalm({ wire, proxy }: Talk): Promise<void> {
  await wire.send('after;');
  await wire.hear('after;');
  expect(await wire.told()).toEqual(['connected', 'open']);
  expect(await proxy.tally()).toMatchObject({ begun: 1, open: 1 });
}

for (const [sleep, hours] of SLEEPS) {
  test(`after ${sleep}, a page asks whether its link is alive, and goes on`, async ({ talk }) => {
    await talk.clocks.jump(hours);
    await expect.poll(() => talk.frames.questions()).toBeGreaterThan(0);
    await talk.clocks.expectLooks();
    await expectCalm(talk);
  });

  test(`after ${sleep}, a link that has died is noticed soon, and nothing is lost`, async ({ talk }) => {
    const { wire, proxy, clocks } = talk;
    await proxy.holdOpen('both');
    await clocks.jump(hours);
    await wire.send('into the hole;');
    // The test does not wait for as long as a silence alone takes to be noticed, 34 s with these heartbeats.
    await wire.hear('into the hole;');
    await proxy.release();
    await wire.send('after;');
    await wire.hear('after;');
    expect(await wire.told()).toEqual(['connected', 'open', 'reconnecting', 'connected']);
    expect(await wire.resumed()).toBe(1);
  });
}

test('after a clock was set back by hours, nothing happens', async ({ talk }) => {
  await talk.clocks.jump({ wall: -8, monotonic: 0 });
  await talk.clocks.expectLooks();
  await expectCalm(talk);
  await expect.poll(() => talk.frames.questions()).toBe(0);
});
