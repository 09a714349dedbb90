// Which message is the answer, and which is an error.

import { assert } from 'chai';
import { AnswerError } from 'envsocket';
import { next, turn } from '../support/events';
import { saying } from '../support/server';
import { assertFree, openChat, rejection } from '../support/questions';
import { connection } from '../support/manager';

export function answering(): void {
  it('takes the whole object for the answer when it has no member of that name', async () => {
    const { socket, sent, says } = await openChat();
    const answer = socket.ask('why?');
    const { id } = await sent();
    await says(` \n{"id": "${id}", "text": "because"}`);
    assert.deepEqual(await answer, { id, text: 'because' });
  });

  it('takes nothing else for the answer, and listeners hear all of it', async () => {
    const { socket, sent, says } = await openChat();
    const heard: unknown[] = [];
    socket.addEventListener('message', ({ data }) => heard.push(data));
    const answer = socket.ask('why?');
    const { id } = await sent();
    const others = [
      `${id}`,
      `{"id":"${id}"`,
      `["${id}"]`,
      `[{"id":"${id}"}]`,
      `{"answer":"${id}"}`,
      `{"id":"another","answer":1}`,
      `{"id":null,"answer":1}`,
      `{"type":"error","id":"another","message":"not yours"}`,
      `{"type":"error","text":"whatever it is"}`,
      `{"type":"error","message":{"id":"${id}"}}`,
      `{"outer":{"id":"${id}"}}`,
      '{}',
      '',
    ];
    for (const text of others) await says(text);
    assert.equal(socket.currentQuestion?.id, id);
    await says({ id, answer: 'because' });
    assert.equal(await answer, 'because');
    assert.deepEqual(heard, [...others, JSON.stringify({ id, answer: 'because' })]);
  });

  it('does not read bytes as an answer', async () => {
    const { socket } = connection({ url: saying([['bytes', [123, 125]], ['text', '{}']], 'message') });
    await next(socket, 'open');
    const answer = rejection(socket.ask('why?'));
    await next(socket, 'message');
    assert.isNotNull(socket.currentQuestion);
    socket.close();
    await answer;
  });

  for (const [name, error] of [
    ['with the id', (id: string) => ({ type: 'error', id, message: 'no answer' })],
    ['with the id, whatever else it is', (id: string) => ({ type: 'error', id, message: 'no answer', answer: 1 })],
    ['without an id', () => ({ type: 'error', message: 'no answer' })],
    ['whose id is null', () => ({ type: 'error', message: 'no answer', id: null })],
  ] as const) {
    it(`rejects with the words of an error ${name}, and is free`, async () => {
      const asked = await openChat();
      const answer = rejection(asked.socket.ask('why?'));
      const { id } = await asked.sent();
      await asked.says(error(id));
      const rejected = await answer;
      assert.instanceOf(rejected, AnswerError);
      assert.deepEqual([rejected.name, rejected.message], ['AnswerError', 'no answer']);
      await assertFree(asked);
    });
  }

  it('rejects with an error that gives no reason', async () => {
    const asked = await openChat();
    const answer = rejection(asked.socket.ask('why?'));
    const { id } = await asked.sent();
    await asked.says({ type: 'error', id });
    assert.equal((await answer).message, 'the server gives no reason');
  });

  it('shows no token that an error quotes', async () => {
    const token = 'a-very-secret-token';
    const asked = await openChat({ token, tokenTransport: 'firstMessage' });
    const answer = rejection(asked.socket.ask('why?'));
    const { id } = await asked.sent(2);
    await asked.says({ type: 'error', id, message: `not with ${token}` });
    const { message } = await answer;
    assert.match(message, /^not with /);
    assert.notInclude(message, token);
  });

  it("'next' sends the question as it is, and takes the next message as it is", async () => {
    const { socket, texts, says } = await openChat();
    const questions: [question: unknown, sent: string][] = [
      ['what time is it?', 'what time is it?'],
      [{ any: 'thing' }, '{"any":"thing"}'],
      [42, '42'],
      ['', ''],
    ];
    for (const [at, [question, sent]] of questions.entries()) {
      const answer = socket.ask(question, { answer: 'next' });
      assert.equal((await texts(at + 1))[at], sent);
      await says('{"type":"error","message":"an answer like any other"}');
      assert.equal(await answer, '{"type":"error","message":"an answer like any other"}');
    }
  });

  it("'next' asks in bytes and takes bytes; the question's may change afterwards", async () => {
    const { socket } = connection({ url: saying([['bytes', [7, 8]]], 'message'), binaryType: 'arraybuffer' });
    const question = new Uint8Array([1, 2]);
    const answer = socket.ask<ArrayBuffer>(question, { answer: 'next' });
    question.fill(9);
    assert.deepEqual([...new Uint8Array(await answer)], [7, 8]);
  });

  it('a function says which message is the answer; listeners hear the others, too', async () => {
    const { socket, says } = await openChat();
    const asked: unknown[] = [];
    const answer = socket.ask('why?', {
      answer: (data) => {
        asked.push(data);
        return typeof data === 'string' && data.startsWith('because');
      },
    });
    for (const text of ['well', 'because of that', 'because it is over']) await says(text);
    assert.equal(await answer, 'because of that');
    assert.deepEqual(asked, ['well', 'because of that']);
  });

  it('a function that throws, or promises, rejects and is asked no more', async () => {
    const asked = await openChat();
    const wrong = new Error('from the function');
    let calls = 0;
    const throwing = rejection(
      asked.socket.ask('why?', {
        answer: () => {
          calls += 1;
          throw wrong;
        },
      }),
    );
    await asked.says('one');
    assert.strictEqual(await throwing, wrong);
    const promising = rejection(asked.socket.ask('why?', { answer: (async () => true) as never }));
    await asked.says('two');
    assert.match((await promising).message, /^options\.answer must say it at once/);
    await assertFree(asked);
    assert.equal(calls, 1);
  });

  it('a function that closes the connection has ended the question, whatever it returns', async () => {
    const { socket, says } = await openChat();
    const closed = next(socket, 'close');
    const answer = rejection(
      socket.ask('why?', {
        answer: () => {
          socket.close();
          return true;
        },
      }),
    );
    await says('one');
    assert.equal((await answer).name, 'InvalidStateError');
    await closed;
  });

  it('a listener that closes because it has the answer does not take it away', async () => {
    const { socket, sent, says } = await openChat();
    const answer = socket.ask('why?');
    socket.addEventListener('message', () => socket.close());
    await says({ id: (await sent()).id, answer: 'because' });
    assert.equal(await answer, 'because');
  });

  it('one that comes twice, or too late, changes nothing', async () => {
    const asked = await openChat();
    const { socket, sent, says } = asked;
    const first = socket.ask('first');
    const { id } = await sent();
    await says({ id, answer: 1 });
    assert.equal(await first, 1);
    const second = socket.ask('second');
    const { id: later } = await sent(2);
    await says({ id, answer: 'again' });
    await turn();
    assert.equal(socket.currentQuestion?.id, later);
    await says({ id: later, answer: 2 });
    assert.equal(await second, 2);
  });
}
