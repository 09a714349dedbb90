// Questions over the resume protocol: they outlive links, and end with their session.

import { assert } from 'chai';
import { LATE, statusIs } from '../support/manager';
import { control, observed } from '../support/server';
import { attach, attached, type Attached } from '../support/v1';
import { assertException, rejection, type Sent } from '../support/questions';

/** The latest question, once the server has so many inputs. */
async function sent(id: string, inputs = 1): Promise<Sent> {
  return JSON.parse((await observed(id, { inputs })).inputs!.at(-1) as string) as Sent;
}

async function assertFree({ id, socket, say }: Attached): Promise<void> {
  assert.deepEqual([socket.canAcceptQuestion, socket.currentQuestion], [true, null]);
  const before = (await observed(id)).inputs?.length ?? 0;
  const answer = socket.ask('are you there?');
  const { id: question } = await sent(id, before + 1);
  await say(JSON.stringify({ id: question, answer: 'yes' }));
  assert.equal(await answer, 'yes');
}

export function resuming(): void {
  it('has its answer after any number of links', async () => {
    const { id, socket, say, cut, manager } = await attached();
    const answer = socket.ask('why?');
    const { id: question } = await sent(id);
    for (let round = 0; round < 3; round += 1) {
      await cut();
      await statusIs(socket, 'connected');
      assert.equal(socket.currentQuestion?.id, question);
    }
    await say(JSON.stringify({ id: question, answer: 'because' }));
    assert.equal(await answer, 'because');
    assert.deepInclude(manager.getMetrics(), { resumed: 3 });
    assert.deepInclude(manager.getMetrics().questions, { asked: 1, answered: 1, failed: 0 });
  });

  it('has the answer that the server gave while there was no link', async () => {
    const made = await attached({ backoff: LATE });
    const { id, socket, say, cut } = made;
    const answer = socket.ask('why?');
    const { id: question } = await sent(id);
    await cut();
    assert.isFalse(socket.canAcceptQuestion);
    await say(JSON.stringify({ id: question, answer: 'because' }));
    socket.reconnect();
    assert.equal(await answer, 'because');
    await assertFree(made);
  });

  it('arrives once when the link breaks with it', async () => {
    const { id, socket, say } = await attached();
    await control(id, 'cutAfter', { kind: 'input', count: 1 });
    const answer = socket.ask('why?');
    const { id: question } = await sent(id);
    await statusIs(socket, 'connected');
    await say(JSON.stringify({ id: question, answer: 'because' }));
    assert.equal(await answer, 'because');
    assert.equal((await observed(id)).inputs!.length, 1);
  });

  it('is sent when it was asked without a link', async () => {
    const { id, socket, say, cut } = await attached({ backoff: LATE });
    await cut();
    const answer = socket.ask('why?');
    socket.reconnect();
    const { id: question } = await sent(id);
    await say(JSON.stringify({ id: question, answer: 'because' }));
    assert.equal(await answer, 'because');
  });

  it('rejects when the session is lost, and is free for the new one', async () => {
    const made = await attached();
    const { id, socket } = made;
    const answer = rejection(socket.ask('why?'));
    await sent(id);
    await control(id, 'forget');
    assertException(await answer, 'NetworkError', /^ask: the session is lost/);
    await statusIs(socket, 'connected');
    await assertFree(made);
  });

  it('asks again from the gap that tells of the lost session', async () => {
    const { id, socket, say } = await attached();
    const first = rejection(socket.ask('first'));
    await sent(id);
    const again = new Promise<[Promise<unknown>]>((resolve) => {
      socket.addEventListener('gap', () => resolve([socket.ask('second')]), { once: true });
    });
    await control(id, 'forget');
    const [second] = await again;
    assert.equal((await first).name, 'NetworkError');
    const { id: question } = await sent(id, 2);
    await say(JSON.stringify({ id: question, answer: 2 }));
    assert.equal(await second, 2);
  });

  it('rejects what is too large for the server, and lives on', async () => {
    const made = await attached({}, { maxMessage: 200 });
    const error = await rejection(made.socket.ask('x'.repeat(200)));
    assertException(error, 'NetworkError', /^ask: the question was not sent: larger than the server takes$/);
    await assertFree(made);
  });

  it('asks nothing where it may only read', async () => {
    const { socket, manager } = attach({}, { readOnly: 'yes' });
    const early = rejection(socket.ask('early'));
    await statusIs(socket, 'connected');
    assert.match((await early).message, /^ask: the question was not sent: read-only$/);
    assert.isFalse(socket.canAcceptQuestion);
    const why = /^ask: the server lets this connection only read; the question was not sent$/;
    assertException(await rejection(socket.ask('why?')), 'NotAllowedError', why);
    assert.deepInclude(manager.getMetrics().questions, { active: 0, waiting: 0 });
  });

  it("reads an answer, a text that begins with U+0000, and 'next' the latter without its mark", async () => {
    const { socket, say, id } = await attached();
    const answer = socket.ask('why?', { answer: 'next' });
    await observed(id, { inputs: 1 });
    await say('\0because');
    assert.equal(await answer, '\0because');
  });
}
