// The gate: what is let in, what is sent, and what can be seen of it.

import { assert } from 'chai';
import { BusyError, EnvSocket, type Question } from 'envsocket';
import { next } from '../support/events';
import { statusIs } from '../support/manager';
import { at, newId, observed } from '../support/server';
import { assertException, assertFree, chat, openChat, rejection } from '../support/questions';

export function asking(): void {
  it('sends { id, question }, and resolves with the answer that carries the id', async () => {
    const { socket, sent, says } = await openChat();
    const answer = socket.ask<{ text: string }>({ text: 'why?', list: [1, null] });
    const { id, question, ...more } = await sent();
    assert.deepEqual([question, more], [{ text: 'why?', list: [1, null] }, {}]);
    assert.match(id, /^[0-9a-f]{32}$/);
    await says({ id, answer: { text: 'because' } });
    assert.deepEqual(await answer, { text: 'because' });
  });

  it('lets in one of two in one tick; the other is refused at once, and not sent', async () => {
    const asked = await openChat();
    const { socket, sent, says, metrics } = asked;
    const first = socket.ask('first');
    const error = await rejection(socket.ask('second'));
    assert.instanceOf(error, BusyError);
    assert.deepEqual([error.name, error.message], ['BusyError', 'Please wait for the previous response']);
    const { id, question } = await sent();
    assert.equal(question, 'first');
    await says({ id, answer: 1 });
    assert.equal(await first, 1);
    await assertFree(asked);
    assert.deepInclude(metrics(), { asked: 2, answered: 2, failed: 0 });
  });

  it('is free as soon as a listener hears the answer', async () => {
    const { socket, sent, says } = await openChat();
    const first = socket.ask('first');
    // In a list: a promise that is resolved with another one waits for that.
    const again = new Promise<[Promise<unknown>]>((resolve) => {
      socket.addEventListener('message', () => resolve([socket.ask('second')]), { once: true });
    });
    await says({ id: (await sent()).id, answer: 'one' });
    const [second] = await again;
    await says({ id: (await sent(2)).id, answer: 'two' });
    assert.deepEqual([await first, await second], ['one', 'two']);
  });

  it('shows the question that waits, as the same object while it does', async () => {
    const { socket, sent, says } = await openChat();
    assert.deepEqual([socket.canAcceptQuestion, socket.currentQuestion], [true, null]);
    const question = { text: 'why?' };
    const before = Date.now();
    const answer = socket.ask(question);
    const shown = socket.currentQuestion as Question;
    assert.isFalse(socket.canAcceptQuestion);
    assert.isTrue(Object.isFrozen(shown));
    assert.strictEqual(shown.question, question);
    assert.isTrue(shown.askedAt >= before && shown.askedAt <= Date.now());
    assert.strictEqual(socket.currentQuestion, shown);
    const { id } = await sent();
    assert.equal(shown.id, id);
    await says({ id, answer: null });
    assert.isNull(await answer);
    assert.deepEqual([socket.canAcceptQuestion, socket.currentQuestion], [true, null]);
  });

  it('waits for the open link, with what was sent before', async () => {
    const { socket, texts, says } = chat();
    socket.send('before');
    assert.isTrue(socket.canAcceptQuestion);
    const answer = socket.ask('why?');
    assert.isFalse(socket.canAcceptQuestion);
    const [before, question] = await texts(2);
    assert.equal(before, 'before');
    const { id } = JSON.parse(question!) as { id: string };
    await says({ id, answer: 'because' });
    assert.equal(await answer, 'because');
  });

  it('has a gate for each connection', async () => {
    const [one, other] = [await openChat(), await openChat()];
    const answers = [one.socket.ask('one'), other.socket.ask('other')];
    for (const { sent, says } of [one, other]) {
      const { id, question } = await sent();
      await says({ id, answer: question });
    }
    assert.deepEqual(await Promise.all(answers), ['one', 'other']);
  });

  it('counts what was asked, answered and failed, and how long answers took', async () => {
    const { socket, sent, says, metrics } = await openChat();
    const nothing = { waiting: 0, asked: 0, answered: 0, failed: 0, errorRate: 0, processingMs: null };
    assert.deepEqual(metrics(), { active: 1, ...nothing });
    const first = socket.ask('first');
    assert.deepEqual(metrics(), { active: 1, ...nothing, waiting: 1, asked: 1 });
    await says({ id: (await sent()).id, answer: 1 });
    await first;
    const { processingMs, ...counts } = metrics();
    assert.deepEqual(counts, { active: 1, waiting: 0, asked: 1, answered: 1, failed: 0, errorRate: 0 });
    assert.hasAllKeys(processingMs, ['last', 'mean', 'p50', 'p99']);
    assert.isTrue(Object.values(processingMs!).every((ms) => ms >= 0));
    const second = socket.ask('second');
    await says({ id: (await sent(2)).id, type: 'error', message: 'no' });
    await rejection(second);
    assert.deepInclude(metrics(), { asked: 2, answered: 1, failed: 1, errorRate: 0.5 });
  });

  it('counts for each connection, and those that are over in the sum', async () => {
    const { socket, manager, sent, says, metrics } = await openChat();
    const answer = socket.ask('why?');
    await says({ id: (await sent()).id, answer: 1 });
    await answer;
    const [own] = Object.values(manager.getMetrics().connections);
    assert.deepInclude(own!.questions, { active: 1, asked: 1, answered: 1 });
    socket.close();
    await next(socket, 'close');
    assert.deepInclude(metrics(), { active: 0, asked: 1, answered: 1 });
  });

  it('rejects a wrong call with the name of the argument, and lets the next one in', async () => {
    const asked = await openChat();
    const { socket } = asked;
    const circle: { self?: unknown } = {};
    circle.self = circle;
    for (const question of [undefined, () => 1, Symbol('why'), 1n, circle, new Uint8Array(1), new Blob([])]) {
      const error = await rejection(socket.ask(question));
      assert.instanceOf(error, TypeError);
      assert.match(error.message, /^question must be something that JSON can hold/);
    }
    const error = await rejection(socket.ask(new Blob([]), { answer: 'next' }));
    assert.equal(error.message, 'question must not be a Blob: read it first');
    const wrong: [options: unknown, name: string][] = [
      ['text', 'options'],
      [{ timeoutMs: 0 }, 'options.timeoutMs'],
      [{ timeoutMs: NaN }, 'options.timeoutMs'],
      [{ timeoutMs: '1' }, 'options.timeoutMs'],
      [{ signal: {} }, 'options.signal'],
      [{ signal: null }, 'options.signal'],
      [{ answer: 'last' }, 'options.answer'],
      [{ answer: null }, 'options.answer'],
    ];
    for (const [options, name] of wrong) {
      const error = await rejection(socket.ask('why?', options as object));
      assert.instanceOf(error, TypeError);
      assert.match(error.message, new RegExp(`^${name} must `));
    }
    assert.equal((await observed(asked.id)).messages.length, 0);
    await assertFree(asked);
  });

  it('asks from what a question calls while it is put into words, and then is busy itself', async () => {
    const { socket, sent, says } = await openChat();
    let inner: Promise<unknown> | undefined;
    const toJSON = () => {
      inner = socket.ask('inner');
      return 'outer';
    };
    const error = await rejection(socket.ask({ toJSON }));
    assert.instanceOf(error, BusyError);
    const { id, question } = await sent();
    assert.equal(question, 'inner');
    await says({ id, answer: 'one' });
    assert.equal(await inner, 'one');
  });

  it('to the letter, asks nothing before the open', async () => {
    const id = newId();
    const socket = new EnvSocket(at('/quiet', { id }), [], { maxRetries: 0, protocol: 'off' });
    assert.isFalse(socket.canAcceptQuestion);
    assertException(await rejection(socket.ask('why?')), 'InvalidStateError', /^ask: .* not open yet/);
    await statusIs(socket, 'connected');
    assert.isTrue(socket.canAcceptQuestion);
    const answer = rejection(socket.ask('why?'));
    socket.close();
    assertException(await answer, 'InvalidStateError', /over/);
  });
}
