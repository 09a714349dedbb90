// Links that are dead and do not say so, and the heartbeat that finds out.

import { assert } from 'chai';
import { messages, next } from '../support/events';
import { connection, SOON, statusIs, until } from '../support/manager';
import { at, control, newId, observed } from '../support/server';

/** Patient, as a busy machine may take its time to answer. It asks again when the time for the answer is over. */
const BEAT = { message: 'beat', intervalMs: 50, timeoutMs: 2_000 };

export function liveness(): void {
  it('detects a black-holed link by its heartbeat: a gap says so, and it comes back', async () => {
    const id = newId();
    const { socket } = connection({ url: at('/echo', { id }), heartbeat: { ...BEAT, timeoutMs: 500 }, backoff: SOON });
    await next(socket, 'open');
    const gap = new Promise<{ direction: string; reason: string }>((resolve) => {
      socket.addEventListener('gap', ({ detail }) => resolve(detail));
    });
    const lost = statusIs(socket, 'reconnecting');
    await control(id, 'blackhole');
    await lost;
    const { direction, reason } = await gap;
    assert.equal(direction, 'in');
    assert.isNotEmpty(reason);
    assert.isAtLeast((await observed(id, { attempts: 2 })).attempts, 2);
  });

  it('sends its heartbeat again and again, and stays connected', async () => {
    const id = newId();
    const { socket } = connection({ url: at('/echo', { id }), heartbeat: BEAT });
    await next(socket, 'open');
    const beats = await observed(id, { messages: 2 });
    assert.deepEqual(new Set(beats.messages.map(({ text }) => text)), new Set(['beat']));
    assert.equal(socket.status, 'connected');
  });

  it('keeps the replies to itself, and measures the round trip', async () => {
    const isReply = (data: unknown) => data === 'beat';
    const { socket, manager } = connection({ url: at('/echo'), heartbeat: { ...BEAT, isReply } });
    const heard: unknown[] = [];
    socket.addEventListener('message', ({ data }) => heard.push(data));
    await next(socket, 'open');
    const rtt = await measured(manager);
    assert.isAtLeast(rtt, 0);
    const answer = messages(socket as unknown as WebSocket, 1);
    socket.send('of the application');
    await answer;
    assert.deepEqual(heard, ['of the application']);
  });

  it('sends a binary heartbeat', async () => {
    const id = newId();
    const message = new Uint8Array([1, 2, 3]);
    connection({ url: at('/echo', { id }), heartbeat: { ...BEAT, message } });
    const { messages } = await observed(id, { messages: 1 });
    assert.deepEqual([messages[0]!.binary, messages[0]!.bytes], [true, 3]);
  });

  it('sends none when the connection switches off what the manager was told', async () => {
    const id = newId();
    const { manager } = connection({ url: at('/echo'), heartbeat: BEAT });
    const quiet = manager.getConnection('project', newId(), null, { url: at('/echo', { id }), heartbeat: false });
    await next(quiet, 'open');
    const beating = newId();
    const other = manager.getConnection('project', newId(), null, { url: at('/echo', { id: beating }) });
    await next(other, 'open');
    await observed(beating, { messages: 2 });
    assert.deepEqual((await observed(id)).messages, []);
  });

  it('slows down while the browser says that it is offline, and goes on when it is back', async () => {
    const id = newId();
    const { socket, manager } = connection({ url: at('/echo', { id }), backoff: SOON });
    await next(socket, 'open');
    const online = Object.getOwnPropertyDescriptor(Navigator.prototype, 'onLine')!;
    Object.defineProperty(navigator, 'onLine', { configurable: true, get: () => false });
    try {
      window.dispatchEvent(new Event('offline'));
      await until(manager, () => !manager.getSnapshot().online);
      assert.equal(socket.status, 'connected', 'the flag is no proof');
    } finally {
      Object.defineProperty(navigator, 'onLine', online);
    }
    window.dispatchEvent(new Event('online'));
    await until(manager, () => manager.getSnapshot().online);
    assert.equal(socket.status, 'connected');
  });
}

/** The last round trip, once there is one. */
function measured(manager: ReturnType<typeof connection>['manager']): Promise<number> {
  return new Promise((resolve) => {
    const stop = manager.pollStatus(() => {
      const rtt = manager.getMetrics().rttMs;
      if (!rtt) return;
      stop();
      resolve(rtt.last);
    }, 10);
  });
}
