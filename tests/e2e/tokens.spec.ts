// Who may do what, on the page: tokens that are renewed under one's hands, links for watching, and where no token
// is ever to be found.

import { Demo, expectNoToken, SHELL, test, visit } from './support/demo';
import { expect, REFUSED_WHILE_CUT } from './support/test';

test('tokens are renewed on the link that is there, and no key that is typed meanwhile is lost', async ({
  demo,
  page,
  watched,
}) => {
  await page.goto(demo.url);
  const { shells } = watched;
  await shells.choose(SHELL);
  await shells.settle();
  const before = watched.sockets;
  await shells.run('stty -echo; read -r typed; stty echo; echo typed-${#typed}');
  const first = await watched.count();
  let keys = 0;
  while ((await watched.count()) < first + 3) {
    await shells.type('x');
    keys += 1;
  }
  await shells.type('\n');
  await shells.expectLine(`typed-${keys}`);
  expect(watched.sockets, 'links that were made meanwhile').toBe(before);
  await shells.expectStatus(SHELL, 'connected');
});

test('a token that expires while the link is down is not used again, and nothing is lost', async ({
  complaints,
  demo,
  page,
  watched,
}) => {
  complaints.allow(REFUSED_WHILE_CUT);
  await page.goto(demo.url);
  const { shells } = watched;
  await shells.choose(SHELL);
  await shells.settle();
  await shells.run('echo before');
  await shells.expectLine('before');
  await demo.cutLinks();
  await shells.expectStatus(SHELL, 'reconnecting');
  // While it is refused, it asks for another one when the one that it has is about to expire.
  await watched.expectCount((await watched.count()) + 1);
  await demo.mendLinks();
  await shells.expectStatus(SHELL, 'connected');
  await shells.run('echo after');
  await shells.expectLine('after');
  expect(await shells.lines()).toContain('before');
});

test('a server that was started anew knows none of its old tokens, and is given new ones', async ({
  complaints,
  page,
  rig,
  watched,
}) => {
  complaints.allow(REFUSED_WHILE_CUT);
  complaints.allow(/Failed to load resource/);
  const start = (args: readonly string[]) => rig.server([], args);
  const old = await Demo.start(start);
  const proxy = await rig.proxy(old.server.host);
  await page.goto(`http://${new URL(proxy.socketUrl).host}/`);
  const { shells } = watched;
  await shells.choose(SHELL);
  await shells.settle();
  const tokens = await watched.count();
  await old.server.kill();
  await shells.expectStatus(SHELL, 'reconnecting');
  const next = await Demo.start(start);
  await proxy.retarget(next.server.host);
  await shells.expectStatus(SHELL, 'connected');
  await watched.expectCount(tokens + 1);
  await shells.settle();
});

test('whoever has a link for watching sees the shell, nothing else, and cannot type', async ({
  browser,
  demo,
  page,
  watched,
}) => {
  await page.goto(demo.url);
  const { shells } = watched;
  await shells.choose(SHELL);
  await shells.settle();
  await shells.run('echo shown');
  await shells.expectLine('shown');
  await page.getByRole('button', { name: 'Make a link for watching p/shell' }).click();
  const link = await page.getByRole('textbox', { name: 'Link for watching' }).inputValue();
  await page.keyboard.press('Escape');

  const viewer = await visit(browser, link);
  await viewer.watched.shells.expectLine('shown');
  await expect(viewer.page.getByText('Watching', { exact: true })).toBeVisible();
  await expect(viewer.page.getByText('You are watching: only others can type.')).toBeVisible();
  for (const name of [/^Delete/, /^Add an environment/, 'New environment', 'Cut the link']) {
    await expect(viewer.page.getByRole('button', { name })).toHaveCount(0);
  }
  await viewer.watched.shells.terminal.click();
  await viewer.watched.shells.run('echo typed by a viewer');

  await shells.terminal.click();
  await shells.run('echo by the user');
  // What the viewer typed was typed before.
  for (const each of [shells, viewer.watched.shells]) {
    await each.expectLine('by the user');
    expect((await each.lines()).join('\n')).not.toContain('typed by a viewer');
  }
  // A viewer's token is renewed as any other.
  await viewer.watched.expectCount(2);
  await viewer.watched.shells.expectStatus(SHELL, 'connected');
  await viewer.page.reload();
  await viewer.watched.shells.expectLine('by the user');
  await viewer.page.context().close();

  // In a tab that shows the demo already, only what follows # is another one.
  const begunAnew = page.waitForEvent('load');
  await page.goto(link);
  await begunAnew;
  await expect(page.getByText('Watching', { exact: true })).toBeVisible();
  await shells.expectLine('by the user');
});

test('a link for watching that is none says so, and asks no more', async ({ browser, complaints, demo }) => {
  complaints.allow(/Failed to load resource/);
  const { page, watched } = await visit(browser, `${demo.url}#/p/shell?viewer=nonsense`);
  await expect(page.getByText('This link does not work any more')).toBeVisible();
  const asked = watched.urls.length;
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  // Whoever comes back looks once; nobody looks again and again.
  await expect.poll(() => watched.urls.length).toBe(asked + 1);
  await expect(page.getByRole('alert')).toHaveCount(0);
  expect(watched.tokens).toEqual([]);
  await page.context().close();
});

test('no token is in an address, on the console, in storage or in anything that the page shows or tells', async ({
  complaints,
  demo,
  page,
  watched,
}) => {
  complaints.allow(REFUSED_WHILE_CUT);
  await page.goto(demo.url);
  await page.evaluate(() => window.WebSocketManager.configure({ debug: true }));
  const { shells } = watched;
  await shells.choose(SHELL);
  await shells.settle();
  await demo.cutLinks();
  await shells.expectStatus(SHELL, 'reconnecting');
  await demo.mendLinks();
  await shells.expectStatus(SHELL, 'connected');
  await watched.expectCount((await watched.count()) + 1);
  await expectNoToken(page, watched, SHELL);
  expect(watched.said.some((text) => text.startsWith('envsocket ')), 'the console is told').toBe(true);
});
