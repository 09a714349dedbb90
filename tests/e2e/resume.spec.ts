// A link that is cut again and again while both ends talk: each line exactly once, and nobody is told.

import { REFUSED_WHILE_CUT } from './support/test';
import { expect, test, upTo, Wire } from './support/resuming';

/**
 * Prints numbered lines, and the lines that it reads, until it reads `end`. Then it says how many it has printed,
 * so that none can be missing at the end.
 */
const TALK = [
  'over=$(mktemp -u)',
  '{ i=0; until [ -e "$over" ]; do i=$((i + 1)); echo "out $i"; sleep 0.02; done; echo "total $i"; } & :',
  'while read -r line; do echo "in $line"; [ "$line" = end ] && break; done',
  ': > "$over"; wait; rm -f "$over"; echo finished',
].join('; ');

test('ten cuts while numbered lines are printed and typed: each exactly once', async ({
  complaints,
  page,
  pages,
  proxied,
  server,
}) => {
  complaints.allow(REFUSED_WHILE_CUT);
  const wire = await Wire.open(page, pages, proxied, await server.create());
  await wire.settle();
  await wire.send(`${TALK}\n`);
  await wire.expectMore('out', 0);
  await wire.startTyping();

  for (let cut = 0; cut < 10; cut += 1) {
    const [printed, typed] = [(await wire.numbers('out')).length, (await wire.numbers('in')).length];
    await wire.expectMore('out', printed + 2);
    await wire.expectMore('in', typed + 2);
    await proxied.cut(cut % 2 === 0 ? 'reset' : 'finish');
  }
  const typed = await wire.stopTyping();
  await wire.send('end\n');
  await wire.expectLine('finished');

  const [total] = await wire.numbers('total');
  expect(total).toBeGreaterThan(20);
  expect(await wire.numbers('out')).toEqual(upTo(total!));
  expect((await wire.numbers('in')).slice(0, -1)).toEqual(upTo(typed));
  expect(await wire.resumed()).toBe(10);
  const told = (await wire.told()).filter((what) => what !== 'reconnecting');
  expect(told, 'nothing but that it was away').toEqual(['connected', 'open', ...Array(10).fill('connected')]);
  expect(await proxied.tally()).toMatchObject({ cut: 10, open: 1 });
});

for (const way of ['up', 'down', 'both'] as const) {
  test(`what is typed into a link that is half-open (${way}) arrives once by the next one`, async ({
    page,
    pages,
    proxied,
    server,
  }) => {
    const wire = await Wire.open(page, pages, proxied, await server.create());
    await wire.settle();
    await proxied.holdOpen(way);
    await wire.send('echo into\n');
    await wire.send('echo the hole\n');
    await wire.notice();
    await wire.expectLine('the hole');
    // What the old link held is of a socket that is no more.
    await proxied.release();
    await wire.send('echo after\n');
    await wire.expectLine('after');

    expect(await wire.lines()).toEqual(['into', 'the hole', 'after', '']);
    expect(await wire.told()).toEqual(['connected', 'open', 'reconnecting', 'connected']);
    expect(await wire.resumed()).toBe(1);
  });
}
