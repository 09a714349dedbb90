// A program that asks the terminal something gets one answer, at once or never.

import type { Page } from '@playwright/test';
import { access, writeFile } from 'node:fs/promises';
import { expect, test } from './support/resuming';
import { Shells } from './support/shells';
import { REFUSED_WHILE_CUT } from './support/test';
import { Traffic } from './support/traffic';

/** Asks for the status, and says how much is typed until somebody types `q`: an answer has four characters. */
const ASK = `printf '\\033[5nasked\\n'; IFS= read -rs -d q all; echo "typed=\${#all}"`;

const ANSWER = '\x1b[0n';

/** Another tab, on the same shell. */
async function another(page: Page): Promise<[Shells, Traffic]> {
  const other = await page.context().newPage();
  return [new Shells(other), new Traffic(other)];
}

test('the terminal answers', async ({ page, server, shells }) => {
  const traffic = new Traffic(page);
  await shells.open(await server.create());
  await shells.run(ASK);
  await shells.expectLine('asked');
  await expect.poll(() => traffic.typed).toContain(ANSWER);
  await shells.type('q');
  await shells.expectLine('typed=4');
});

test('of two tabs, the one that was used last answers', async ({ page, server, shells }) => {
  const pair = await server.create();
  const traffic = new Traffic(page);
  await shells.open(pair);
  const [others, otherTraffic] = await another(page);
  await others.page.goto('/');
  await others.choose(pair);
  for (const [asking, answers, watching, silence] of [
    [shells, traffic, others, otherTraffic],
    [others, otherTraffic, shells, traffic],
  ] as const) {
    await asking.page.bringToFront();
    await asking.run(`clear; ${ASK}`);
    await asking.expectLine('asked');
    await expect.poll(() => answers.typed).toContain(ANSWER);
    // By now the other one has parsed it too, and has said what it has to say.
    await watching.expectLine('asked');
    await asking.type('q');
    await asking.expectLine('typed=4');
    expect(silence.typed.filter((typed) => typed === ANSWER)).toEqual([]);
    answers.typed.length = 0;
    await watching.expectLine('typed=4');
  }
});

test('what was asked while the link was down is not answered', async ({ complaints, page, rig, server, shells }) => {
  complaints.allow(REFUSED_WHILE_CUT);
  const pair = await server.create();
  const traffic = new Traffic(page);
  await shells.open(pair);
  const [begin, asked] = [rig.file(), rig.file()];
  const waiting = `until [ -e ${begin} ]; do sleep 0.05; done`;
  const asking = `printf '\\033[5nasked\\n'; touch ${asked}; IFS= read -rs -d q all; echo "typed=\${#all}"`;
  await shells.run(`${waiting}; ${asking}`);
  await server.cutLinks();
  await shells.expectStatus(pair, 'reconnecting');
  await writeFile(begin, '');
  const hasAsked = () => access(asked).then(() => true, () => false);
  await expect.poll(hasAsked).toBe(true);
  await server.mendLinks();
  await shells.expectStatus(pair, 'connected');
  await shells.expectLine('asked');
  await shells.type('q');
  await shells.expectLine('typed=0');
  expect(traffic.typed).not.toContain(ANSWER);
  await shells.run(ASK);
  await expect.poll(() => traffic.typed).toContain(ANSWER);
  await shells.type('q');
  await shells.expectLine('typed=4');
});

test('a page that is loaded anew does not answer what it is shown', async ({ page, server, shells }) => {
  const pair = await server.create();
  await shells.open(pair);
  await shells.run(ASK);
  await shells.expectLine('asked');
  const traffic = new Traffic(page);
  await page.reload();
  await shells.expectLine('asked');
  await shells.terminal.click();
  await shells.type('q');
  await shells.expectLine('typed=4');
  expect(traffic.typed).toEqual(['q']);
});
