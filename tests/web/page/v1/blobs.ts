// Blobs: they are read before they are numbered, and what is sent after one waits behind it.

import { assert } from 'chai';
import type { EnvSocket } from 'envsocket';
import { slow } from '../support/blobs';
import { assertThrows, assertThrowsQuota, next, turn } from '../support/events';
import { connection, LATE, statusIs } from '../support/manager';
import { at, control, newId, observed } from '../support/server';
import { attach, attached, type Attached, detail } from '../support/v1';

/** Has the server forget the session, and resolves when there is a new one. */
async function lose(id: string, socket: EnvSocket): Promise<void> {
  await control(id, 'forget');
  const opened = next(socket, 'open');
  socket.reconnect();
  await opened;
}

const bytes = (text: string) => [...new TextEncoder().encode(text)];

export function blobs(): void {
  it('keeps the order of text, bytes and Blobs', async () => {
    const { id, socket } = await attached();
    socket.send('1');
    socket.send(new Blob(['22']));
    socket.send(new Uint8Array([3]));
    socket.send(new Blob([]));
    socket.send('5');
    assert.deepEqual((await observed(id, { inputs: 5 })).inputs, ['1', bytes('22'), [3], [], '5']);
  });

  it('has what is sent after a Blob wait, counts it, and copies it', async () => {
    const { id, socket } = await attached();
    const first = slow('first');
    const second = slow('second');
    const own = new Uint8Array([7]);
    // What is on its way of the protocol's own is counted, too.
    const before = socket.bufferedAmount;
    socket.send(first.blob);
    socket.send('日本');
    socket.send(second.blob);
    socket.send(own);
    own[0] = 9;
    assert.equal(socket.bufferedAmount - before, 5 + 6 + 6 + 1);
    second.end();
    first.end();
    const { inputs } = await observed(id, { inputs: 4 });
    assert.deepEqual(inputs, [bytes('first'), '日本', bytes('second'), [7]]);
    while (socket.bufferedAmount > 0) await turn();
  });

  it('reads before the open, too, and sends again what a cut has lost', async () => {
    const { id, socket, cut } = attach();
    socket.send(new Blob(['early']));
    socket.send('text');
    await observed(id, { inputs: 2 });
    await cut();
    socket.send(new Blob(['late']));
    assert.deepEqual((await observed(id, { inputs: 3 })).inputs, [bytes('early'), 'text', bytes('late')]);
  });

  it('refuses what does not fit into the queue behind a Blob', async () => {
    const { id, socket } = await attached({ maxQueuedBytes: 10 });
    const { blob, end } = slow('12345');
    assertThrowsQuota(() => socket.send(new Blob(['x'.repeat(11)])));
    socket.send(blob);
    socket.send('12345');
    assertThrowsQuota(() => socket.send('!'));
    end();
    assert.deepEqual((await observed(id, { inputs: 2 })).inputs, [bytes('12345'), '12345']);
    socket.send('now');
    await observed(id, { inputs: 3 });
  });

  it('makes room behind a Blob where that is the policy', async () => {
    const { id, socket, heard } = await attached({ maxQueuedBytes: 10, queuePolicy: 'dropOldest' });
    const { blob } = slow('1234');
    socket.send(blob);
    socket.send('5678');
    socket.send('9abc');
    assert.deepEqual(heard.discarded, [{ messages: 1, bytes: 4, reason: 'the send queue is full' }]);
    // It waited for the Blob, which is gone.
    socket.send(new Blob(['d']));
    assert.deepEqual((await observed(id, { inputs: 3 })).inputs, ['5678', '9abc', bytes('d')]);
  });

  it('has what a listener sends when room is made wait behind that which the room was made for', async () => {
    const { id, socket } = await attached({ maxQueuedBytes: 10, queuePolicy: 'dropOldest' });
    const { blob } = slow('1234');
    socket.addEventListener('discarded', () => socket.send('L'), { once: true });
    for (const message of [blob, '5678', '9abc']) socket.send(message);
    socket.send(new Blob(['d']));
    assert.deepEqual((await observed(id, { inputs: 4 })).inputs, ['5678', '9abc', 'L', bytes('d')]);
  });

  it('discards a Blob that cannot be read, and sends the rest', async () => {
    const { id, socket, heard } = await attached();
    const { blob, fail } = slow('gone');
    socket.send('before');
    socket.send(blob);
    socket.send('after');
    const discarded = detail(socket, 'discarded');
    fail();
    assert.deepEqual(await discarded, { messages: 1, bytes: 4, reason: 'the Blob cannot be read' });
    assert.deepEqual((await observed(id, { inputs: 2 })).inputs, ['before', 'after']);
    assert.deepEqual(socket.drain(), [blob]);
    assert.lengthOf(heard.gaps, 0);
  });

  it('discards at close() what still waits, and drain() returns it', async () => {
    const { id, socket, heard } = await attached();
    const { blob, end } = slow('late');
    socket.send('sent');
    socket.send(blob);
    socket.send('behind');
    const closed = next(socket, 'close');
    socket.close();
    assertThrows(() => socket.send(new Blob(['no'])), 'InvalidStateError');
    end();
    let told = 0;
    socket.addEventListener('close', () => (told = heard.discarded.length));
    await closed;
    assert.deepEqual(heard.discarded, [{ messages: 2, bytes: 10, reason: 'the connection is over' }]);
    assert.equal(told, 1);
    assert.deepEqual(socket.drain(), [blob, 'behind']);
    assert.deepEqual((await observed(id)).inputs, ['sent']);
  });

  for (const [when, end] of [
    ['at the end', ({ socket }) => (socket.close(), next(socket, 'close'))],
    ['at once after close()', ({ socket }) => void socket.close()],
    ['when the session is lost', ({ id, socket }) => lose(id, socket)],
  ] as [string, (one: Attached) => unknown][]) {
    it(`gives back ${when} what waited in the order of sending`, async () => {
      const one = await attached({ backoff: LATE });
      const { socket, cut, heard } = one;
      await cut();
      const { blob } = slow('second');
      socket.send('1st');
      socket.send(blob);
      socket.send('third');
      await end(one);
      assert.deepEqual(socket.drain(), ['1st', blob, 'third']);
      assert.deepEqual(heard.discarded.map(({ bytes }) => bytes), when.startsWith('at once') ? [] : [3, 11]);
    });
  }

  it('takes back by drain() what waits', async () => {
    const { id, socket } = await attached();
    const { blob, end } = slow('taken back');
    socket.send(blob);
    socket.send('behind');
    assert.deepEqual(socket.drain(), [blob, 'behind']);
    end();
    socket.send('alone');
    assert.deepEqual((await observed(id, { inputs: 1 })).inputs, ['alone']);
  });

  it('sends nothing of it to a session that it was not meant for', async () => {
    const { id, socket, heard, cut } = await attached({ backoff: LATE });
    const { blob, end } = slow('for the old one');
    await cut();
    socket.send(blob);
    await control(id, 'forget');
    const reopened = next(socket, 'open');
    socket.reconnect();
    await reopened;
    end();
    socket.send('for the new one');
    assert.deepEqual((await observed(id, { inputs: 1 })).inputs, ['for the new one']);
    assert.deepEqual(heard.discarded.map(({ messages }) => messages), [1]);
  });

  for (const type of ['statuschange', 'gap', 'discarded'] as const) {
    it(`sends to the new session what a listener of \`${type}\` sends when the old one is lost`, async () => {
      const { id, socket, heard, cut } = await attached({ backoff: LATE });
      const { blob, end } = slow('for the old one');
      await cut();
      socket.send('for the old one, too');
      socket.send(blob);
      const send = () => {
        if (socket.status !== 'connected') return;
        socket.removeEventListener(type, send);
        socket.send(new Blob(['for the new one']));
        socket.send('behind it');
      };
      socket.addEventListener(type, send);
      await lose(id, socket);
      end();
      assert.deepEqual((await observed(id, { inputs: 2 })).inputs, [bytes('for the new one'), 'behind it']);
      assert.deepEqual(heard.discarded.map(({ messages }) => messages), [1, 1]);
      assert.deepEqual(socket.drain(), ['for the old one, too', blob]);
    });
  }

  for (const queued of [[], ['queued for the old one']]) {
    it(`sends nothing of it to another destination, with ${queued.length} messages before it`, async () => {
      const [old, other] = [newId(), newId()];
      let url = at('/v1', { id: old });
      const { socket } = connection({ url: () => url, backoff: LATE });
      const story: string[] = [];
      socket.addEventListener('open', () => story.push('open'));
      socket.addEventListener('discarded', ({ detail }) => story.push(`${detail.messages}: ${detail.reason}`));
      await statusIs(socket, 'connected');
      const lost = statusIs(socket, 'reconnecting');
      await control(old, 'cut');
      await lost;
      const { blob, end } = slow('for the old one');
      for (const message of [...queued, blob, 'behind it']) socket.send(message);
      url = at('/quiet', { id: other });
      const opened = next(socket, 'open');
      socket.reconnect();
      await opened;
      end();
      await turn();
      socket.send('for the other one');
      const { messages } = await observed(other, { messages: 1 });
      assert.deepEqual(messages.map(({ text }) => text), ['for the other one']);
      const moved = 'the destination has changed';
      assert.deepEqual(story, ['open', ...queued.map(() => `1: ${moved}`), `2: ${moved}`, 'open']);
      assert.deepEqual(socket.drain(), [...queued, blob, 'behind it']);
    });
  }

  it('sends nothing of it over a plain link when the session was to be resumed', async () => {
    const { id, socket, manager, heard, cut } = await attached({ backoff: LATE });
    await cut();
    const { blob, end } = slow('for the session');
    socket.send(blob);
    manager.configure({ protocol: 'off' });
    const opened = next(socket, 'open');
    const { messages: before } = await observed(id);
    socket.reconnect();
    await opened;
    end();
    await turn();
    socket.send('plain');
    const { messages } = await observed(id, { messages: before.length + 1 });
    assert.deepEqual(messages.slice(before.length).map(({ text }) => text), ['plain']);
    assert.deepEqual(heard.discarded, [{ messages: 1, bytes: 15, reason: 'no envsocket.v1 any more' }]);
  });

  it('leaves the reading to the browser where the server is plain', async () => {
    const { socket } = connection({ url: at('/echo'), binaryType: 'arraybuffer', maxQueuedBytes: 4 });
    await statusIs(socket, 'connected');
    const blob = new Blob(['more than may wait']);
    blob.arrayBuffer = () => assert.fail('it was read here');
    const echo = next(socket, 'message');
    socket.send(blob);
    assert.equal(new TextDecoder().decode((await echo).data as ArrayBuffer), 'more than may wait');
  });
}
