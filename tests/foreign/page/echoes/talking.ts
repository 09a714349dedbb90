// Both ways over one link, and nothing on it that the application has not said.

import { assert } from 'chai';
import { next } from '../../../web/page/support/events';
import { connection, SOON } from '../../../web/page/support/manager';
import { base64, Inbox, told, WAYS } from '../support/link';
import { shapes, toOpen } from '../support/offers';
import { isControl, said, Tap, type ServerName } from '../support/server';
import type { Habits } from './index';

const BYTES = Uint8Array.from({ length: 256 }, (_, byte) => byte);

/** Longer than one frame of any browser, and than what compression can refer to. */
const LONG_TEXT = Array.from({ length: 8_000 }, (_, line) => `line ${line} 日本\n`).join('');
const LONG_BYTES = Uint8Array.from({ length: 200_000 }, (_, at) => (at * at) >> 3);

const SENT = ['a text', '', '日本 🦀', BYTES, LONG_TEXT, LONG_BYTES, 'the last'];
const SENT_AS_TOLD = SENT.map((sent) => (typeof sent === 'string' ? sent : `binary ${base64(sent)}`));

export function talking(server: ServerName, { chooses }: Habits): void {
  for (const [what, make] of Object.entries(WAYS)) {
    it(`exchanges text and bytes with ${what}`, async () => {
      const tap = await Tap.before(server);
      const socket = make(`ws://${tap.host}/echo`);
      const inbox = new Inbox(socket);
      const events = told(socket);
      await next(socket, 'open');
      for (const message of SENT) socket.send(message);
      await inbox.until((all) => all.length === SENT.length);
      assert.deepEqual(inbox.all, SENT_AS_TOLD);
      const closed = next(socket, 'close');
      socket.close(1000, 'done');
      await closed;
      const seen = await tap.seen();
      assert.deepEqual(shapes(seen.attempts), toOpen(chooses));
      assert.deepEqual(said(seen), SENT_AS_TOLD);
      assert.deepInclude(seen.messages.at(-1), { kind: 'close', code: 1000, reason: 'done' });
      const over = ['disconnecting', 'disconnected', 'close 1000 "done" clean'];
      assert.deepEqual(events, ['connected', 'open', ...over]);
    });
  }

  it('is plain to the application, and counts no failure', async () => {
    const tap = await Tap.before(server);
    const { socket, manager, snapshot } = connection({ url: `ws://${tap.host}/echo` });
    await next(socket, 'open');
    assert.equal(snapshot().protocol, 'plain');
    assert.equal(socket.protocol, '');
    assert.deepEqual(manager.getMetrics().failures, {});
  });

  it('hears nothing when the page sleeps, wakes up, or loses and finds its network', async () => {
    const tap = await Tap.before(server);
    const { socket } = connection({ url: `ws://${tap.host}/echo` });
    const inbox = new Inbox(socket);
    await next(socket, 'open');
    socket.send('before');
    socket.resize(80, 24);
    for (const type of ['offline', 'online', 'pageshow']) window.dispatchEvent(new Event(type));
    for (const type of ['freeze', 'resume', 'visibilitychange']) document.dispatchEvent(new Event(type));
    socket.send('after');
    await inbox.until((all) => all.length === 2);
    assert.deepEqual(said(await tap.seen()), ['before', 'after']);
  });

  it('hears the heartbeat that the application has asked for, and its answers go no further', async () => {
    const tap = await Tap.before(server);
    const isReply = (data: unknown) => data === 'beat';
    const heartbeat = { message: 'beat', intervalMs: 20, timeoutMs: 10_000, isReply };
    const { socket } = connection({ url: `ws://${tap.host}/echo`, heartbeat });
    const inbox = new Inbox(socket);
    await next(socket, 'open');
    await tap.seen({ attempts: toOpen(chooses).length, messages: 3 });
    socket.send('of the application');
    // Its echo comes after those of the first beats.
    await inbox.until((all) => all.includes('of the application'));
    assert.deepEqual(inbox.all, ['of the application']);
    assert.deepEqual(new Set(said(await tap.seen())), new Set(['beat', 'of the application']));
  });

  it('is given up when it falls silent, if there is a heartbeat, and comes back', async () => {
    const tap = await Tap.before(server);
    const isReply = (data: unknown) => data === 'beat';
    const heartbeat = { message: 'beat', intervalMs: 20, timeoutMs: 500, isReply };
    const { socket } = connection({ url: `ws://${tap.host}/echo`, backoff: SOON, heartbeat });
    await next(socket, 'open');
    const events = told(socket);
    const reasons: (string | null)[] = [];
    socket.addEventListener('statuschange', ({ detail }) => reasons.push(detail.reason));
    const reopened = next(socket, 'open');
    await tap.hold();
    await reopened;
    // What the application has not said, it cannot miss.
    assert.deepEqual(events.slice(0, 4), ['reconnecting', 'connected', 'gap in null null', 'open']);
    assert.equal(reasons[0], 'no answer to the heartbeat');
  });

  it('is read by the tap, which would tell of a control frame', async () => {
    const tap = await Tap.before(server);
    const socket = new WebSocket(`ws://${tap.host}/echo`);
    await next(socket, 'open');
    const control = `\0${JSON.stringify({ type: 'hello', filled: 'x'.repeat(1_000) })}`;
    socket.send(control);
    assert.equal((await next(socket, 'message')).data, control);
    const seen = await tap.seen();
    assert.deepEqual(said(seen), [control]);
    assert.lengthOf(seen.messages.filter(isControl), 1);
    socket.close();
    // It would be counted as ours.
    await tap.end();
  });
}
