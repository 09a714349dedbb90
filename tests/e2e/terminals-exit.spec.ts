// A shell prints its last lines and is gone while links are cut: the lines come first, each once, and then
// the end.

import { expect, FLOOD, show, SILENT, test } from './support/screens';
import { REFUSED_WHILE_CUT } from './support/test';

test.beforeEach(({ complaints }) => complaints.allow(REFUSED_WHILE_CUT));

const COUNT = 2000;
/** An interactive shell says that it goes. */
const LINES = `${Array.from({ length: COUNT }, (_, index) => `${index + 1}\r\n`).join('')}exit\r\n`;
const LAST_WORDS = `seq 1 ${COUNT}; exit 7\n`;

/** The handshake of a link takes some 600 bytes, and all that comes before its end, packed, some 5,000. */
const CUTS = [650, 700, 800, 1000, 1300, 1700, 2200, 2800, 3500, 4300, 4600, 5000];

test('links that are cut while it goes: the last bytes come before the end', async ({
  page,
  pages,
  proxied,
  server,
}) => {
  await pages.open(page, 'plain');
  let cut = 0;
  for (const after of CUTS) {
    const shown = await show(page, `cut after ${after}`, proxied.socketUrl, await server.create());
    await shown.type(SILENT);
    await shown.expectText('ready');
    await shown.forget();
    // The next link ends early, the one after that a little later.
    await proxied.plan({ way: 'down', after, manner: 'reset' });
    await proxied.plan({ way: 'down', after: after + 150, manner: 'finish' });
    await proxied.cut('reset');
    await shown.type(LAST_WORDS);
    await expect
      .poll(() => shown.told(), { message: `what was told, cut after ${after}` })
      .toContain('close 1000');
    expect(await shown.heard()).toBe(LINES);
    const told = (await shown.told()).filter((what) => !['reconnecting', 'connected'].includes(what));
    expect(told).toEqual(['open', 'disconnected', 'close 1000']);
    await shown.leave();
    ({ cut } = await proxied.idle());
  }
  // Each has ended by itself where its plan was beyond what there was to say.
  expect(cut).toBeGreaterThan(CUTS.length * 2);
});

test('one that was away for all of it gets the last bytes, and then the end', async ({ screens }) => {
  const { cut, whole } = screens;
  await cut.forget();
  await screens.goAway();
  await whole.type(LAST_WORDS);
  await expect.poll(() => whole.told()).toContain('close 1000');
  await screens.letBack();
  await expect.poll(() => cut.told()).toContain('close 1000');
  expect(await cut.heard()).toBe(LINES);
  expect(await cut.gaps()).toEqual([]);
  await screens.expectSame();
});

test('one that was away for too long gets a picture, and then the end', async ({ screens }) => {
  const { cut, whole } = screens;
  await screens.goAway();
  await whole.type(`${FLOOD}; printf '\\033[1mlast words'; exit\n`);
  await expect.poll(() => whole.told()).toContain('close 1000');
  await screens.letBack();
  await expect.poll(() => cut.told()).toContain('close 1000');
  await screens.expectOneGap();
  await screens.expectSameWithin();
});
