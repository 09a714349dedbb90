// A cut at every byte of a whole conversation: the upgrade, hello and welcome, a short exchange, the shell's
// end and the close. Wherever it comes, the application sees what it would have seen without it.

import type { Page } from '@playwright/test';
import { type Account, converse, ECHO, Places } from './support/conversation';
import type { Cut, Manner, Way } from './support/proxy';
import { expect, test } from './support/resuming';
import type { Rig } from './support/rig';
import { REFUSED_WHILE_CUT } from './support/test';

/**
 * So many conversations at once, each through a proxy of its own: a browser opens one WebSocket after the
 * other to an address. On two cores, more were not quicker.
 */
const LANES = 6;

const WAYS: readonly Way[] = ['up', 'down'];

test.beforeEach(async ({ complaints, page, pages }) => {
  test.setTimeout(300_000);
  complaints.allow(REFUSED_WHILE_CUT);
  await pages.open(page, 'plain');
});

/** Both manners, by turns. */
function manner(position: number): Manner {
  return position % 2 === 0 ? 'reset' : 'finish';
}

/** How many bytes a whole conversation has, each way. */
async function measure(page: Page, rig: Rig): Promise<Account['seen']> {
  const { seen } = await converse(page, await rig.proxy(), await new Places(rig).next(), []);
  expect(seen).toMatchObject({ begun: 1, cut: 0 });
  return seen;
}

/** What of an account an application must not find otherwise, whatever was cut. */
function essence({ heard, told, started }: Account): unknown {
  const events = told.filter((what) => !['connected', 'reconnecting', 'disconnected'].includes(what));
  return { heard, events, started };
}

/**
 * Has a conversation with each of these cuts. What was noticed of them is collected and judged at the end: an
 * `expect` for each would take longer than the conversations.
 */
async function expectUnnoticed(
  page: Page,
  rig: Rig,
  cuts: readonly (readonly Cut[])[],
  isCut: (seen: Account['seen']) => boolean,
): Promise<void> {
  const whole = JSON.stringify({ heard: ECHO, events: ['open', 'close 1000'], started: 'started\n' });
  const noticed: unknown[] = [];
  const [places, left] = [new Places(rig), cuts.values()];
  const lane = async () => {
    const proxy = await rig.proxy();
    for (const planned of left) {
      const account = await converse(page, proxy, await places.next(), planned);
      const isWhole = JSON.stringify(essence(account)) === whole && isCut(account.seen);
      if (!isWhole) noticed.push({ planned, account });
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  expect(noticed).toEqual([]);
}

test('a cut at any byte of a conversation is not noticed', async ({ page, rig }) => {
  const whole = await measure(page, rig);
  const cuts = WAYS.flatMap((way) =>
    Array.from({ length: whole[way] }, (_, after): Cut[] => [{ way, after, manner: manner(after) }]),
  );
  await expectUnnoticed(page, rig, cuts, ({ cut }) => cut === 1);
});

test('a second cut while it comes back is not noticed either', async ({ page, rig }) => {
  const whole = await measure(page, rig);
  const cuts = WAYS.flatMap((way) =>
    Array.from({ length: Math.ceil(whole[way] / 3) }, (_, number): Cut[] => {
      const [first, second] = [3 * number, WAYS[number % 2]!];
      // Anywhere, and each time elsewhere.
      const after = (first * 389) % whole[second];
      return [
        { way, after: first, manner: manner(number) },
        { way: second, after, manner: manner(after) },
      ];
    }),
  );
  // The second link may be over before its turn comes.
  await expectUnnoticed(page, rig, cuts, ({ cut }) => cut >= 1);
});
