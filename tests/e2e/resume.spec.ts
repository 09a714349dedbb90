// A link that is cut again and again while both ends talk: each line exactly once, and nobody is told.

import { REFUSED_WHILE_CUT } from './support/test';
import { expect, test, upTo, Wire } from './support/resuming';

/**
 * Prints numbered lines, and the lines that it reads, until it reads `end`. Then it says how many it has printed,
 * so that none can be missing at the end.
 */
const TALK = [
  'PS1= PS2=; stty -echo; over=$(mktemp -u)',
  '(i=0; until [ -e "$over" ]; do i=$((i + 1)); echo "out $i"; sleep 0.02; done; echo "total $i") &',
  'while read -r line; do echo "in $line"; [ "$line" = end ] && break; done',
  ': > "$over"; wait; rm -f "$over"; echo fi""nished',
].join('\n');

test('ten cuts while numbered lines are printed and typed: each exactly once', async ({
  complaints,
  page,
  pages,
  proxied,
  server,
}) => {
  complaints.allow(REFUSED_WHILE_CUT);
  const wire = await Wire.open(page, pages, proxied, await server.create());
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
    await wire.send('PS1=; stty -echo; echo rea""dy\n');
    await wire.expectLine('ready');

    await proxied.holdOpen(way);
    await wire.send('echo in""to\n');
    await wire.send('echo the ho""le\n');
    await wire.comeOnline();
    await wire.expectLine('the hole');
    // What the old link held is of a socket that is no more.
    await proxied.release();
    await wire.send('echo af""ter\n');
    await wire.expectLine('after');

    const lines = await wire.lines();
    expect(lines.slice(lines.indexOf('ready'))).toEqual(['ready', 'into', 'the hole', 'after', '']);
    expect(await wire.told()).toEqual(['connected', 'open', 'reconnecting', 'connected']);
    expect(await wire.resumed()).toBe(1);
  });
}

test('a cut anywhere in the handshake, and one in the handshake after it, start one shell and lose nothing', async ({
  complaints,
  page,
  pages,
  proxied,
  server,
}) => {
  complaints.allow(REFUSED_WHILE_CUT);
  // What a whole handshake has, and the first output.
  const first = await Wire.open(page, pages, proxied, await server.create());
  await first.send('PS1=; echo only-$((40 + 2))\n');
  await first.expectLine('only-42');
  const whole = await proxied.tally();

  for (const way of ['up', 'down'] as const) {
    for (const part of [0, 0.2, 0.4, 0.6, 0.7, 0.8, 0.9, 0.95]) {
      const bytes = Math.floor(whole[way] * part);
      await proxied.plan(way, bytes, 'reset');
      await proxied.plan(way, Math.floor(whole[way] * (1 - part)), 'finish');
      const wire = await Wire.open(page, pages, proxied, await server.create());
      await wire.send('PS1=; stty -echo; echo only-$((40 + 2))\n');
      await wire.send('echo en""d\n');
      await wire.expectLine('end');
      const seen = (await wire.lines()).filter((line) => line === 'only-42');
      expect(seen, `after ${bytes} bytes ${way}`).toHaveLength(1);
      expect((await wire.told()).filter((what) => /gap|discarded/.test(what))).toEqual([]);
    }
  }
});
