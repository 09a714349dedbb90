// What takes a question along on plain links: their end, and whatever keeps its message from being sent. None of it
// hangs, and none of it is silent.

import { assert } from 'chai';
import { assertThrowsQuota, next } from '../support/events';
import { BEFORE_IT_WAITS, LATE, SOON, statusIs, until } from '../support/manager';
import { at, control, observed } from '../support/server';
import { assertException, assertFree, chat, openChat, rejection } from '../support/questions';

export function losing(): void {
  it('rejects when the link breaks over which it went, and is free for the next link', async () => {
    const asked = await openChat({ backoff: SOON });
    const { id, socket, sent } = asked;
    const answer = rejection(socket.ask('why?'));
    await sent();
    await control(id, 'drop');
    assertException(await answer, 'NetworkError', /^ask: the link is gone, and this server cannot resume/);
    await statusIs(socket, 'connected');
    await assertFree(asked);
  });

  it('is not lost with a link that it had still to wait for', async () => {
    const { id, socket, manager, texts, says } = await openChat({ backoff: LATE });
    const waiting = () => until(manager, () => manager.getSnapshot().connections[0]!.nextAttemptAt);
    await control(id, 'refuse', { times: BEFORE_IT_WAITS });
    await control(id, 'drop');
    await waiting();
    const answer = socket.ask('why?');
    const { id: question } = socket.currentQuestion!;
    const before = (await observed(id)).attempts;
    socket.reconnect();
    await observed(id, { attempts: before + BEFORE_IT_WAITS });
    await waiting();
    assert.equal(socket.currentQuestion?.id, question);
    socket.reconnect();
    assert.deepEqual(JSON.parse((await texts(1))[0]!), { id: question, question: 'why?' });
    await says({ id: question, answer: 'because' });
    assert.equal(await answer, 'because');
  });

  it('is over when the server closes for good', async () => {
    const { id, socket, sent, manager } = await openChat();
    const { listeners } = manager.debugResources();
    const answer = rejection(socket.ask('why?'));
    await sent();
    const closed = next(socket, 'close');
    await control(id, 'close', { code: 4403, reason: 'forbidden' });
    assertException(await answer, 'InvalidStateError', /over/);
    await closed;
    assert.equal(socket.status, 'failed');
    assert.isFalse(socket.canAcceptQuestion);
    assert.equal(manager.debugResources().listeners, listeners);
  });

  it('is over when the connection never comes to be', async () => {
    const { socket } = chat({ url: at('/refused', { status: 503 }), maxRetries: 0 });
    assertException(await rejection(socket.ask('why?')), 'InvalidStateError', /over/);
    assert.isFalse(socket.canAcceptQuestion);
  });

  it('rejects when its message makes room for newer ones', async () => {
    const { socket, manager } = chat({
      url: () => new Promise<string>(() => {}),
      queuePolicy: 'dropOldest',
      maxQueuedBytes: 100,
    });
    const answer = rejection(socket.ask('why?'));
    socket.send('x'.repeat(100));
    assertException(await answer, 'NetworkError', /^ask: the question was not sent: the send queue is full$/);
    assert.deepEqual([socket.canAcceptQuestion, manager.debugResources().listeners > 0], [true, true]);
    const bytes = rejection(socket.ask(new Uint8Array(50), { answer: 'next' }));
    socket.send(new Uint8Array(50));
    socket.send('x'.repeat(60));
    assertException(await bytes, 'NetworkError', /not sent/);
    assert.isNull(socket.currentQuestion);
  });

  it('rejects when drain() takes its message back', async () => {
    const { socket } = chat({ url: () => new Promise<string>(() => {}) });
    const answer = rejection(socket.ask('why?'));
    const [message] = socket.drain();
    assert.deepInclude(JSON.parse(message as string), { question: 'why?' });
    assertException(await answer, 'NetworkError', /drain/);
    assert.isTrue(socket.canAcceptQuestion);
  });

  it('rejects what does not fit into the queue, and is free', async () => {
    const { socket, metrics } = chat({ url: () => new Promise<string>(() => {}), maxQueuedBytes: 50 });
    const error = await rejection(socket.ask('x'.repeat(50)));
    assertThrowsQuota(() => {
      throw error;
    });
    assert.match(error.message, /^ask: the question does not fit/);
    assert.deepEqual([socket.canAcceptQuestion, socket.currentQuestion, socket.drain()], [true, null, []]);
    assert.deepInclude(metrics(), { waiting: 0, failed: 1 });
  });

  it('goes behind a Blob that is still being read, and gets its answer', async () => {
    const { id, socket, says } = chat();
    socket.send(new Blob(['blob']));
    const bytes = new Uint8Array([1]);
    const answer = socket.ask(bytes, { answer: 'next' });
    bytes.fill(2);
    const { messages } = await observed(id, { messages: 2 });
    assert.deepEqual(messages.map(({ bytes }) => bytes), [4, 1]);
    await says('because');
    assert.equal(await answer, 'because');
  });

  it('leaves the gate free when each of many links breaks with a question on it', async () => {
    const asked = await openChat({ backoff: SOON });
    const { id, socket, texts, metrics } = asked;
    for (let round = 1; round <= 10; round += 1) {
      const answer = rejection(socket.ask(round));
      await texts(round);
      const lost = statusIs(socket, 'reconnecting');
      await control(id, 'drop');
      assert.equal((await answer).name, 'NetworkError');
      await lost;
      await statusIs(socket, 'connected');
    }
    assert.deepInclude(metrics(), { asked: 10, answered: 0, failed: 10, waiting: 0 });
    await assertFree(asked);
  });
}
