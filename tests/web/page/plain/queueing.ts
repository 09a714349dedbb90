// What is sent while there is no open socket: kept in order within a bound, delivered once, or given back.

import { assert } from 'chai';
import { assertThrows, assertThrowsQuota, next } from '../support/events';
import { BEFORE_IT_WAITS, connection, LATE, SOON, statusIs, until } from '../support/manager';
import { at, control, newId, observed } from '../support/server';

async function texts(id: string, count: number): Promise<(string | null)[]> {
  return (await observed(id, { messages: count })).messages.map(({ text }) => text);
}

export function queueing(): void {
  it('delivers what was sent before it was open, once and in order', async () => {
    const id = newId();
    const { socket } = connection({ url: at('/echo', { id }) });
    for (const text of ['one', 'two', 'three']) socket.send(text);
    await next(socket, 'open');
    socket.send('four');
    await next(socket, 'message');
    assert.deepEqual(await texts(id, 4), ['one', 'two', 'three', 'four']);
  });

  it('delivers what was sent while it reconnects, once and in order', async () => {
    const id = newId();
    const { socket } = connection({ url: at('/quiet', { id }), backoff: SOON });
    await next(socket, 'open');
    socket.send('before');
    await observed(id, { messages: 1 });
    const lost = statusIs(socket, 'reconnecting');
    await control(id, 'drop');
    await lost;
    for (const text of ['one', 'two', 'three']) socket.send(text);
    await statusIs(socket, 'connected');
    socket.send('after');
    assert.deepEqual(await texts(id, 5), ['before', 'one', 'two', 'three', 'after']);
  });

  it('keeps the order of text, buffers and blobs in its queue', async () => {
    const id = newId();
    const { socket } = connection({ url: at('/quiet', { id }) });
    socket.send('1');
    socket.send(new Blob(['22']));
    socket.send(new Uint8Array(3));
    socket.send(new Blob([]));
    socket.send('55555');
    const { messages } = await observed(id, { messages: 5 });
    assert.deepEqual(messages.map(({ bytes, binary }) => [bytes, binary]), [
      [1, false],
      [2, true],
      [3, true],
      [0, true],
      [5, false],
    ]);
  });

  it('copies a buffer when it queues it', async () => {
    const id = newId();
    const { socket } = connection({ url: at('/echo', { id }) });
    socket.binaryType = 'arraybuffer';
    const bytes = new Uint8Array([1, 2, 3]);
    socket.send(bytes);
    bytes.fill(9);
    const { data } = await next(socket, 'message');
    assert.deepEqual([...new Uint8Array(data as ArrayBuffer)], [1, 2, 3]);
  });

  it('counts bytes in bufferedAmount, not UTF-16 units', () => {
    const { socket } = connection({ url: at('/hang') });
    socket.send('日本');
    assert.equal(socket.bufferedAmount, 6);
    socket.send(new Uint8Array(4));
    socket.send(new Blob(['日']));
    assert.equal(socket.bufferedAmount, 13);
  });

  it('throws past its bound, and keeps what it has', async () => {
    const id = newId();
    await control(id, 'refuse', { times: BEFORE_IT_WAITS });
    const { socket, manager, snapshot } = connection({ url: at('/quiet', { id }), maxQueuedBytes: 10, backoff: LATE });
    await until(manager, () => snapshot().nextAttemptAt);
    socket.send('12345');
    socket.send('67890');
    assertThrowsQuota(() => socket.send('!'));
    assert.equal(socket.bufferedAmount, 10);
    socket.reconnect();
    assert.deepEqual(await texts(id, 2), ['12345', '67890']);
  });

  it('drops the oldest past its bound when told to, and says so', async () => {
    const id = newId();
    await control(id, 'refuse', { times: BEFORE_IT_WAITS });
    const options = { maxQueuedBytes: 10, queuePolicy: 'dropOldest', backoff: LATE } as const;
    const { socket, manager, snapshot } = connection({ url: at('/quiet', { id }), ...options });
    await until(manager, () => snapshot().nextAttemptAt);
    const discarded: { messages: number; bytes: number }[] = [];
    socket.addEventListener('discarded', ({ detail }) => discarded.push(detail));
    socket.send('aaaaa');
    socket.send('bbbbb');
    socket.send('cc');
    socket.send('ddd');
    assert.equal(socket.bufferedAmount, 10);
    socket.send('eeeee');
    const total = discarded.reduce((sum, { messages, bytes }) => [sum[0]! + messages, sum[1]! + bytes], [0, 0]);
    assert.deepEqual(total, [2, 10]);
    socket.reconnect();
    assert.deepEqual(await texts(id, 3), ['cc', 'ddd', 'eeeee']);
  });

  it('gives back what is unsent, in order, and sends it no more', async () => {
    const id = newId();
    await control(id, 'refuse', { times: BEFORE_IT_WAITS });
    const { socket, manager, snapshot } = connection({ url: at('/quiet', { id }), backoff: LATE });
    await until(manager, () => snapshot().nextAttemptAt);
    socket.send('one');
    socket.send('two');
    assert.deepEqual(socket.drain(), ['one', 'two']);
    assert.equal(socket.bufferedAmount, 0);
    assert.deepEqual(socket.drain(), []);
    socket.reconnect();
    await next(socket, 'open');
    socket.send('three');
    assert.deepEqual(await texts(id, 1), ['three']);
  });

  it('gives back what was unsent at the end', async () => {
    const { socket } = connection({ url: at('/refused', { status: 503 }), maxRetries: 1, backoff: SOON });
    socket.send('never sent');
    const discarded = new Promise<object>((resolve) => {
      socket.addEventListener('discarded', ({ detail }) => resolve(detail));
    });
    await next(socket, 'close');
    assert.include(await discarded, { messages: 1, bytes: 10 });
    assert.deepEqual(socket.drain(), ['never sent']);
    assert.deepEqual(socket.drain(), []);
  });

  it('never sends to one place what was meant for another', async () => {
    const id = newId();
    const places = Array<string>(BEFORE_IT_WAITS).fill('/refused');
    const url = () => at(places.shift() ?? '/quiet', { id, status: 503 });
    const { socket, manager, snapshot } = connection({ url, backoff: LATE });
    await until(manager, () => snapshot().nextAttemptAt);
    socket.send('for the first place');
    const discarded = new Promise<object>((resolve) => {
      socket.addEventListener('discarded', ({ detail }) => resolve(detail));
    });
    socket.reconnect();
    assert.include(await discarded, { messages: 1 });
    await statusIs(socket, 'connected');
    socket.send('for the second');
    assert.deepEqual(await texts(id, 1), ['for the second']);
    assert.deepEqual(socket.drain(), ['for the first place']);
  });

  it('throws when it is over', async () => {
    const { socket } = connection({ url: at('/echo') });
    await next(socket, 'open');
    const closed = next(socket, 'close');
    socket.close();
    assertThrows(() => socket.send('too late'), 'InvalidStateError');
    await closed;
    assertThrows(() => socket.send('too late'), 'InvalidStateError');
  });
}
