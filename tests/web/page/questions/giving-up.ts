// The application's ends of a question: its time, its signal, the close. Each frees the gate, once.

import { assert } from 'chai';
import { next, turn } from '../support/events';
import { passed } from '../support/clock';
import { statusIs } from '../support/manager';
import { observed } from '../support/server';
import { assertException, assertFree, chat, openChat, rejection } from '../support/questions';

/** A signal, and how many listeners it has. */
function watchedSignal(): { signal: AbortSignal; abort(reason?: unknown): void; listeners(): number } {
  const controller = new AbortController();
  const { signal } = controller;
  const { addEventListener, removeEventListener } = signal;
  const present = new Set<unknown>();
  signal.addEventListener = (type: string, listener: unknown) => {
    present.add(listener);
    addEventListener.call(signal, type, listener as EventListener);
  };
  signal.removeEventListener = (type: string, listener: unknown) => {
    present.delete(listener);
    removeEventListener.call(signal, type, listener as EventListener);
  };
  return { signal, abort: (reason) => controller.abort(reason), listeners: () => present.size };
}

/** Holds the page until the server has sent this, which waits in the browser then. */
function holdThePage(id: string, sends: string): void {
  const request = new XMLHttpRequest();
  request.open('POST', `/control?${new URLSearchParams({ id, command: 'send', text: sends })}`, false);
  request.send();
}

export function givingUp(): void {
  it('rejects when its time is over, and a late answer changes nothing', async () => {
    const asked = await openChat();
    const { socket, sent, says, metrics } = asked;
    const answer = rejection(socket.ask('why?', { timeoutMs: 20 }));
    const { id } = await sent();
    assertException(await answer, 'TimeoutError', /^ask: no answer came in time \(20 ms\)$/);
    assert.deepInclude(metrics(), { asked: 1, answered: 0, failed: 1, errorRate: 1 });
    await says({ id, answer: 'too late' });
    await assertFree(asked);
  });

  it('has one end when the answer and the end of its time are there in one tick', async () => {
    const asked = await openChat();
    const { socket, sent, metrics } = asked;
    const ends: unknown[] = [];
    const answer = socket.ask('why?', { timeoutMs: 60_000 }).then(
      (answer) => ends.push(answer),
      (error: Error) => ends.push(error.name),
    );
    const { id } = await sent();
    holdThePage(asked.id, JSON.stringify({ id, answer: 'in time' }));
    // The page finds both when it goes on.
    const undo = passed(60_001);
    await answer;
    undo();
    // What waits in the browser was there before anybody looked at the clock.
    assert.deepEqual(ends, ['in time']);
    assert.deepInclude(metrics(), { asked: 1, answered: 1, failed: 0 });
    await assertFree(asked);
  });

  it('runs out of time without a link, too', async () => {
    const { socket, metrics } = chat({ url: () => new Promise<string>(() => {}) });
    const answer = rejection(socket.ask('why?', { timeoutMs: 20 }));
    assertException(await answer, 'TimeoutError', /20 ms/);
    assert.deepEqual([socket.canAcceptQuestion, metrics().waiting], [true, 0]);
  });

  it('waits for ever if it may', async () => {
    const { socket, sent, says } = await openChat();
    const answer = socket.ask('why?', { timeoutMs: Infinity });
    const undo = passed(365 * 86_400_000);
    await turn();
    await says({ id: (await sent()).id, answer: 'at last' });
    assert.equal(await answer, 'at last');
    undo();
  });

  it('sends nothing when its signal is aborted already', async () => {
    const asked = await openChat();
    const reason = { any: 'thing' };
    const error: unknown = await rejection(asked.socket.ask('why?', { signal: AbortSignal.abort(reason) }));
    assert.strictEqual(error, reason);
    assert.deepInclude(asked.metrics(), { asked: 0, failed: 0 });
    await assertFree(asked);
    assert.equal((await observed(asked.id)).messages.length, 1);
  });

  it('ends with the reason of its signal, which is let go of', async () => {
    const asked = await openChat();
    const { signal, abort, listeners } = watchedSignal();
    const answer = rejection(asked.socket.ask('why?', { signal }));
    await asked.sent();
    assert.equal(listeners(), 1);
    abort();
    assert.deepEqual([asked.socket.canAcceptQuestion, listeners()], [true, 0]);
    assertException(await answer, 'AbortError', /./);
    assert.deepInclude(asked.metrics(), { asked: 1, failed: 1 });
    await assertFree(asked);
  });

  it('lets go of its signal with every end, and an abort afterwards changes nothing', async () => {
    const { socket, sent, says, texts, manager } = await openChat();
    const { signal, abort, listeners } = watchedSignal();
    const answered = socket.ask('why?', { signal });
    await says({ id: (await sent()).id, answer: 1 });
    assert.equal(await answered, 1);
    assert.equal(listeners(), 0);
    await rejection(socket.ask('why?', { signal, timeoutMs: 1 }));
    assert.equal(listeners(), 0);
    const busy = rejection(socket.ask('why?', { signal, timeoutMs: Infinity }));
    await rejection(socket.ask('another', { signal }));
    assert.equal(listeners(), 1);
    const closing = next(socket, 'close');
    manager.closeAll();
    assert.equal((await busy).name, 'InvalidStateError');
    assert.equal(listeners(), 0);
    abort();
    await closing;
    assert.equal((await texts(3)).length, 3);
  });

  it('is over with close(), before that returns', async () => {
    const { socket, sent, metrics, manager } = await openChat();
    const answer = rejection(socket.ask('why?'));
    await sent();
    const closed = next(socket, 'close');
    socket.close();
    assert.deepEqual([socket.currentQuestion, socket.canAcceptQuestion, metrics().waiting], [null, false, 0]);
    assertException(await answer, 'InvalidStateError', /^ask: the connection is over$/);
    assertException(await rejection(socket.ask('now?')), 'InvalidStateError', /^ask: the connection is closed/);
    await closed;
    assertException(await rejection(socket.ask('now?')), 'InvalidStateError', /^ask: the connection is closed/);
    assert.equal(manager.debugResources().listeners, 0);
  });

  it('asks again in another life', async () => {
    const asked = await openChat();
    const { socket } = asked;
    const first = rejection(socket.ask('why?'));
    const closed = next(socket, 'close');
    socket.close();
    await closed;
    socket.reconnect();
    assert.equal((await first).name, 'InvalidStateError');
    await statusIs(socket, 'connected');
    await assertFree(asked);
  });

  it('asks again from the listener of the close, in the life that it begins', async () => {
    const { socket, sent, says } = await openChat();
    const first = rejection(socket.ask('first'));
    await sent();
    const second = new Promise((resolve, reject) => {
      const begin = () => {
        socket.reconnect();
        socket.ask('second').then(resolve, reject);
      };
      socket.addEventListener('close', begin, { once: true });
    });
    socket.close();
    assert.equal((await first).name, 'InvalidStateError');
    await says({ id: (await sent(2)).id, answer: 2 });
    assert.equal(await second, 2);
  });

  it('is counted while it waits, and leaves nothing behind', async () => {
    const { socket, manager, sent, says } = await openChat();
    const before = manager.debugResources();
    const answer = socket.ask('why?', { signal: new AbortController().signal });
    assert.equal(manager.debugResources().listeners, before.listeners + 1);
    await says({ id: (await sent()).id, answer: 1 });
    await answer;
    assert.equal(manager.debugResources().listeners, before.listeners);
    const lost = rejection(socket.ask('why?'));
    const closed = next(socket, 'close');
    manager.closeAll();
    await Promise.all([lost, closed]);
    const nothing = { sockets: 0, timers: 0, closures: 0, listeners: 0, retainedBytes: 0 };
    assert.deepEqual(manager.debugResources(), nothing);
  });
}
