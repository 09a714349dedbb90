// The terminal's size: input like any other, or part of the next hello.

import { assert } from 'chai';
import { assertThrows, next } from '../support/events';
import { connection, LATE, statusIs } from '../support/manager';
import { at, control, newId, observed } from '../support/server';
import { attach, attached } from '../support/v1';

async function hellos(id: string): Promise<unknown[]> {
  const { frames } = await observed(id);
  return frames!.filter(({ type }) => type === 'hello').map(({ cols, rows }) => [cols, rows]);
}

export function sizes(): void {
  it('rides on the hello when it is told before the open', async () => {
    const { id, socket } = attach();
    socket.resize(80, 24);
    socket.resize(132, 43);
    await statusIs(socket, 'connected');
    assert.deepEqual(await hellos(id), [[132, 43]]);
    socket.send('text');
    assert.deepEqual((await observed(id, { inputs: 1 })).inputs, ['text']);
  });

  it('takes its place among what is sent, once, over a cut, too', async () => {
    const { id, socket, cut } = await attached();
    assert.deepEqual(await hellos(id), [[null, null]]);
    socket.send('before');
    socket.resize(100, 30);
    socket.send('after');
    await observed(id, { inputs: 3 });
    await cut();
    socket.send('last');
    const { inputs } = await observed(id, { inputs: 4 });
    assert.deepEqual(inputs, ['before', { cols: 100, rows: 30 }, 'after', 'last']);
  });

  it('is told again in another life', async () => {
    const { id, socket } = await attached();
    socket.resize(100, 30);
    const closed = next(socket, 'close');
    socket.close();
    await closed;
    socket.reconnect();
    await statusIs(socket, 'connected');
    assert.deepEqual(await hellos(id), [
      [null, null],
      [100, 30],
    ]);
  });

  it('is nothing to a plain server', async () => {
    const id = newId();
    const { socket } = connection({ url: at('/echo', { id }) });
    socket.resize(80, 24);
    await next(socket, 'open');
    assert.isUndefined(socket.resize(100, 30));
    const echo = next(socket, 'message');
    socket.send('text');
    await echo;
    assert.deepEqual((await observed(id)).messages.map(({ text }) => text), ['text']);
  });

  it('is announced in order with the messages, with the open of a session, and with a gap', async () => {
    const told: unknown[] = [];
    const { id, socket, say, until, cut } = attach({ backoff: LATE }, { size: '{"cols":80,"rows":24}' });
    for (const type of ['open', 'gap'] as const) socket.addEventListener(type, () => told.push(type));
    socket.addEventListener('message', ({ data }) => told.push(data));
    socket.addEventListener('size', ({ detail: { cols, rows } }) => told.push(`${cols} x ${rows}`));
    await statusIs(socket, 'connected');
    await say('one', { type: 'size', cols: 100, rows: 30 }, 'two');
    await until(2);
    await cut();
    await say('three', { type: 'size', cols: 120, rows: 40 }, 'four');
    socket.reconnect();
    await until(4);
    await cut();
    await say('missing', { type: 'size', cols: 70, rows: 20 });
    await control(id, 'evict', { snapshot: 'picture' });
    await say('five');
    socket.reconnect();
    await until(6);
    const first = ['open', '80 x 24', 'one', '100 x 30', 'two'];
    assert.deepEqual(told, [...first, 'three', '120 x 40', 'four', 'gap', '70 x 20', 'picture', 'five']);
    // A session that begins anew.
    await control(id, 'forget');
    socket.reconnect();
    const opened = next(socket, 'open');
    await opened;
    await say('six');
    await until(7);
    assert.deepEqual(told.slice(12), ['gap', 'open', '70 x 20', 'six']);
  });

  it('is not announced to who has closed at the status before', async () => {
    const { socket } = attach({}, { size: '{"cols":80,"rows":24}' });
    const told: string[] = [];
    for (const type of ['open', 'size', 'close'] as const) socket.addEventListener(type, () => told.push(type));
    socket.addEventListener('statuschange', ({ detail }) => {
      if (detail.status === 'connected') socket.close();
    });
    await next(socket, 'close');
    assert.deepEqual(told, ['close']);
  });

  it('must be whole numbers of a terminal', async () => {
    const { socket } = await attached();
    for (const bad of [0, -1, 1.5, 65_536, NaN, Infinity, '80', null, undefined]) {
      assertThrows(() => socket.resize(bad as number, 24), 'TypeError');
      assertThrows(() => socket.resize(80, bad as number), 'TypeError');
    }
    assert.throws(() => socket.resize(0, 0), 'cols must be a whole number from 1 to 65535');
    assert.throws(() => socket.resize(1, 0), 'rows must be a whole number from 1 to 65535');
  });
}
