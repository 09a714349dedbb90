// close() and reconnect() at every moment, and what is heard of a life with several sockets.

import { assert } from 'chai';
import { EnvSocket } from 'envsocket';
import { next, story, turn } from '../support/events';
import { BEFORE_IT_WAITS, connection, LATE, newManager, SOON, statusIs, until } from '../support/manager';
import { at, control, newId, observed } from '../support/server';

/** Each with what leads there; close() must end it in one close event. */
const BEFORE_OPEN = {
  'the URL is known': { url: () => new Promise<string>(() => {}) },
  'the first socket exists': { url: async () => at('/echo') },
  'the handshake is over': { url: at('/hang') },
};

export function reconnecting(): void {
  for (const [what, options] of Object.entries(BEFORE_OPEN)) {
    it(`ends in one close event when it is closed before ${what}`, async () => {
      const { socket } = connection(options);
      const told = story(socket as unknown as WebSocket);
      socket.close();
      const closes = (await told).filter((line) => line.startsWith('close'));
      assert.deepEqual(closes, ['close 1006 "" unclean in 3']);
      assert.equal(socket.status, 'disconnected');
    });
  }

  it('closes once when it is closed while it waits for the next attempt', async () => {
    const { socket, manager, snapshot } = connection({ url: at('/refused', { status: 503 }), backoff: LATE });
    await until(manager, () => snapshot().nextAttemptAt);
    const told = story(socket as unknown as WebSocket);
    socket.close();
    assert.equal((await told).filter((line) => line.startsWith('close')).length, 1);
    assert.deepEqual(manager.debugResources(), { sockets: 0, timers: 0, closures: 0, listeners: 0, retainedBytes: 0 });
  });

  it('cancels nothing that is in flight when its token is replaced', async () => {
    const id = newId();
    const manager = newManager({ url: at('/echo', { id }) });
    const socket = manager.getConnection('project', id, 'one');
    socket.send('queued under the first');
    assert.strictEqual(manager.getConnection('project', id, 'two'), socket);
    await next(socket, 'open');
    const echo = next(socket, 'message');
    socket.send('sent under the second');
    manager.getConnection('project', id, 'three');
    assert.equal((await echo).data, 'queued under the first');
    assert.equal((await next(socket, 'message')).data, 'sent under the second');
    assert.equal(manager.getMetrics().attempts, 1);
  });

  it('makes no attempt after close()', async () => {
    const id = newId();
    const { socket, manager } = connection({ url: at('/echo', { id }), backoff: SOON });
    await next(socket, 'open');
    const closed = next(socket, 'close');
    socket.close(1000);
    await control(id, 'drop');
    await closed;
    assert.equal(manager.debugResources().timers, 0);
    assert.equal((await observed(id)).attempts, 1);
  });

  it('reconnects now, not at the end of the delay, when reconnect() is called during backoff', async () => {
    const id = newId();
    await control(id, 'refuse', { times: BEFORE_IT_WAITS });
    const { socket, manager, snapshot } = connection({ url: at('/echo', { id }), backoff: LATE });
    await until(manager, () => snapshot().nextAttemptAt);
    socket.reconnect();
    assert.isNull(snapshot().nextAttemptAt);
    await next(socket, 'open');
  });

  it('makes a new socket when reconnect() is called on an open one', async () => {
    const id = newId();
    const { socket } = connection({ url: at('/echo', { id }), backoff: LATE });
    await next(socket, 'open');
    socket.reconnect();
    await next(socket, 'open');
    assert.equal((await observed(id, { closes: 1 })).attempts, 2);
  });

  it('begins a new life when reconnect() is called after the end', async () => {
    const { socket } = connection({ url: at('/echo'), maxRetries: 0 });
    await next(socket, 'open');
    socket.close();
    await next(socket, 'close');
    socket.reconnect();
    assert.equal(socket.readyState, 0);
    await next(socket, 'open');
    const answer = next(socket, 'message');
    socket.send('again');
    assert.equal((await answer).data, 'again');
  });

  it('begins a new life in its close event', async () => {
    const id = newId();
    await control(id, 'refuse', { times: BEFORE_IT_WAITS });
    const { socket } = connection({ url: at('/echo', { id }), maxRetries: 0 });
    socket.addEventListener('close', () => socket.reconnect(), { once: true });
    await statusIs(socket, 'connecting');
    await new Promise((resolve) => socket.addEventListener('open', resolve));
  });

  it('stays OPEN while it comes back, and opens again', async () => {
    const id = newId();
    const { socket } = connection({ url: at('/echo', { id }), backoff: SOON });
    await next(socket, 'open');
    const states: [string, number][] = [];
    socket.addEventListener('statuschange', ({ detail }) => states.push([detail.status, socket.readyState]));
    socket.addEventListener('error', () => assert.fail('nothing is over'));
    const reopened = next(socket, 'open');
    await control(id, 'drop');
    await reopened;
    assert.deepEqual(states, [['reconnecting', 1], ['connected', 1]]);
  });

  it('says with a gap that something may have been lost', async () => {
    const id = newId();
    const { socket } = connection({ url: at('/echo', { id }), backoff: SOON });
    await next(socket, 'open');
    const gap = new Promise<object>((resolve) => socket.addEventListener('gap', ({ detail }) => resolve(detail)));
    await control(id, 'drop');
    assert.include(await gap, { direction: 'in', from: null, to: null });
  });

  it('keeps its listeners and its binaryType over all its sockets', async () => {
    const id = newId();
    const { socket } = connection({ url: at('/echo', { id }), backoff: SOON });
    socket.binaryType = 'arraybuffer';
    const heard: unknown[] = [];
    socket.onmessage = ({ data }) => heard.push(data instanceof ArrayBuffer);
    for (let life = 0; life < 3; life += 1) {
      await statusIs(socket, 'connected');
      const answer = next(socket, 'message');
      socket.send(new Uint8Array(1));
      await answer;
      const lost = statusIs(socket, 'reconnecting');
      await control(id, 'drop');
      await lost;
    }
    assert.deepEqual(heard, [true, true, true]);
  });

  it('hears nothing of a socket that it has left', async () => {
    const id = newId();
    const { socket } = connection({ url: at('/echo', { id }), backoff: SOON });
    await next(socket, 'open');
    const heard: unknown[] = [];
    socket.onmessage = ({ data }) => heard.push(data);
    socket.send('to the first');
    socket.reconnect();
    await next(socket, 'open');
    const answer = next(socket, 'message');
    socket.send('to the second');
    await answer;
    assert.deepEqual(heard, ['to the second']);
  });

  it('comes back when it was made alone', async () => {
    const id = newId();
    const socket = new EnvSocket(at('/echo', { id }), [], { backoff: SOON });
    await next(socket as unknown as WebSocket, 'open');
    const reopened = next(socket as unknown as WebSocket, 'open');
    await control(id, 'drop');
    await reopened;
    socket.close();
    await next(socket as unknown as WebSocket, 'close');
    await turn();
  });
}
