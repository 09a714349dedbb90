// `envsocket/xterm` by itself, on a page without React, against a peer that tells every byte.

import { heard } from './support/peer';
import { beginAnew, connect, end, join, keep, linesOf, mount } from './support/terminal';
import { expect, test } from './support/test';

test('what arrives is written, text and bytes alike', async ({ page, pages, peer }) => {
  await pages.open(page, 'plain');
  const { terminal } = await join(page, peer);
  const { socket } = await peer.visit(0);
  socket.send('text, ');
  // A character in two messages.
  const bytes = new TextEncoder().encode('日本');
  socket.send(bytes.subarray(0, 2));
  socket.send(bytes.subarray(2));
  await expect.poll(() => linesOf(terminal)).toEqual(['text, 日本']);
});

test('what is typed is sent', async ({ page, pages, peer }) => {
  await pages.open(page, 'plain');
  const { terminal } = await join(page, peer);
  const visit = await peer.visit(0);
  await terminal.evaluate((terminal) => terminal.focus());
  await page.keyboard.type('echo "é"\n');
  await expect.poll(() => heard(visit)).toBe('echo "é"\r');
});

test('old mouse reports are sent as bytes, which are no text', async ({ page, pages, peer }) => {
  await pages.open(page, 'plain');
  const { terminal } = await join(page, peer);
  const visit = await peer.visit(0);
  visit.socket.send('\x1b[?1000h');
  await expect.poll(() => terminal.evaluate(({ modes }) => modes.mouseTrackingMode)).toBe('vt200');
  const screen = (await page.locator('.xterm-screen').boundingBox())!;
  // In a column of three digits: its byte, 32 more, is none of ASCII.
  await page.mouse.click(screen.x + screen.width - 3, screen.y + 3);
  await expect.poll(() => visit.messages.length).toBeGreaterThan(0);
  const columns = await terminal.evaluate(({ cols }) => cols);
  expect([...visit.messages[0]!]).toEqual([0x1b, 0x5b, 0x4d, 32, 32 + columns, 33]);
});

test('each open resets the terminal, for what follows is the screen once more', async ({
  page,
  pages,
  peer,
}) => {
  await pages.open(page, 'plain');
  const { terminal } = await join(page, peer);
  const first = await peer.visit(0);
  first.socket.send('\x1b[31mthe screen\r\nand more');
  await expect.poll(() => linesOf(terminal)).toEqual(['the screen', 'and more']);
  first.socket.terminate();
  const second = await peer.visit(1);
  second.socket.send('the screen');
  await expect.poll(() => linesOf(terminal)).toEqual(['the screen']);
});

test('a disposed addon lets go of both, and the connection lives on', async ({ page, pages, peer }) => {
  await pages.open(page, 'plain');
  const { connection, terminal, addon } = await join(page, peer);
  const visit = await peer.visit(0);
  visit.socket.send('seen');
  await expect.poll(() => linesOf(terminal)).toEqual(['seen']);
  const next = await connection.evaluateHandle((connection) => ({
    message: new Promise((arrived) => connection.addEventListener('message', arrived, { once: true })),
  }));

  await addon.evaluate((addon) => addon.dispose());
  visit.socket.send('unseen');
  await next.evaluate(({ message }) => message);
  await terminal.evaluate((terminal) => terminal.focus());
  await page.keyboard.type('untold');
  await connection.evaluate((connection) => connection.send('told'));
  await expect.poll(() => heard(visit)).toBe('told');
  expect(await linesOf(terminal)).toEqual(['seen']);
  expect(await connection.evaluate(({ status }) => status)).toBe('connected');
});

test('nothing is typed into a connection that is over', async ({ page, pages, peer }) => {
  await pages.open(page, 'plain');
  const { connection, terminal } = await join(page, peer);
  const visit = await peer.visit(0);
  await connection.evaluate((connection) => connection.close());
  await visit.left;
  await terminal.evaluate((terminal) => terminal.focus());
  await page.keyboard.type('too late');
  // The watch over the page's console ends the test if that threw.
  expect(await connection.evaluate(({ bufferedAmount }) => bufferedAmount)).toBe(0);
  expect(visit.messages).toEqual([]);
});

test('a kept terminal moves from host to host as it is, and goes on receiving off the page', async ({
  page,
  pages,
  peer,
}) => {
  await pages.open(page, 'plain');
  const connection = await connect(page, peer);
  const kept = await keep(connection);
  expect(await kept.evaluate((kept, again) => kept === again, await keep(connection))).toBe(true);
  const terminal = await kept.evaluateHandle(({ terminal }) => terminal);
  const rows = (place: string) => page.locator(`#${place} .xterm-rows > div`);
  const { socket } = await peer.visit(0);

  const leaveLeft = await mount(kept, 'left');
  socket.send('first\r\n');
  await expect(rows('left').first()).toHaveText('first');
  const element = await terminal.evaluateHandle(({ element }) => element);
  const leaveRight = await mount(kept, 'right');
  // A framework may mount at the new place before it unmounts at the old one.
  await leaveLeft.evaluate((leave) => leave());
  await expect(rows('right').first()).toHaveText('first');
  await expect(rows('left')).toHaveCount(0);

  await leaveRight.evaluate((leave) => leave());
  await expect(rows('right')).toHaveCount(0);
  socket.send('second\r\n');
  await expect.poll(() => linesOf(terminal)).toEqual(['first', 'second']);
  await mount(kept, 'left');
  await expect(rows('left').nth(1)).toHaveText('second');
  expect(await terminal.evaluate((terminal, element) => terminal.element === element, element)).toBe(true);
});

test('a kept terminal goes once its connection is over and it is off the page, in either order', async ({
  page,
  pages,
  peer,
}) => {
  await pages.open(page, 'plain');
  const connection = await connect(page, peer);
  const kept = await keep(connection);
  const leave = await mount(kept, 'left');
  const { socket } = await peer.visit(0);
  socket.send('last words');
  const shown = page.locator('#left .xterm-rows > div').first();
  await expect(shown).toHaveText('last words');
  await end(connection);
  await expect(shown).toHaveText('last words');
  await leave.evaluate((leave) => leave());
  const next = await keep(connection);
  expect(await kept.evaluate((kept, next) => kept === next, next)).toBe(false);

  await beginAnew(connection);
  await end(connection);
  expect(await next.evaluate((next, last) => next === last, await keep(connection))).toBe(false);
});
