// What the application's own code decides and throws, while sockets are open.

import { assert } from 'chai';
import { EnvSocket } from 'envsocket';
import { errorsDuring, next } from '../support/events';
import { connection, SOON, statusIs } from '../support/manager';
import { at, control, newId, observed } from '../support/server';

export function judging(): void {
  for (const [code, status] of [
    [4403, 'failed'],
    [4410, 'disconnected'],
  ] as const) {
    it(`goes by the close code ${code} when shouldReconnect answers with a promise, and reports it`, async () => {
      const shouldReconnect = (async () => true) as never;
      const errors = await errorsDuring(async () => {
        const { socket } = connection({ url: at('/close', { code }), backoff: SOON, shouldReconnect });
        await next(socket, 'close');
        assert.equal(socket.status, status);
      });
      assert.lengthOf(errors, 1);
      assert.instanceOf(errors[0], TypeError);
      const must = 'options.shouldReconnect must answer at once, not with a promise';
      assert.equal((errors[0] as TypeError).message, must);
    });
  }

  it('tries again after a loss though shouldReconnect answers with a promise', async () => {
    const id = newId();
    await errorsDuring(async () => {
      const shouldReconnect = (async () => false) as never;
      const { socket } = connection({ url: at('/echo', { id }), backoff: SOON, shouldReconnect });
      await next(socket, 'open');
      const reopened = next(socket, 'open');
      await control(id, 'drop');
      await reopened;
    });
    assert.equal((await observed(id)).attempts, 2);
  });

  it('delivers messages though a subclass has a dispatchEvent that throws', async () => {
    class Loud extends EnvSocket {
      override dispatchEvent(): boolean {
        throw new Error('from a subclass');
      }
    }
    const loud = new Loud(at('/echo'), [], { maxRetries: 0 });
    await next(loud, 'open');
    loud.send('heard all the same');
    assert.equal((await next(loud, 'message')).data, 'heard all the same');
    const closed = next(loud, 'close');
    loud.close();
    await closed;
  });

  it('is closed and disconnected in all that tells of the end, though reconnect() has begun a new life', async () => {
    const { socket } = connection({ url: at('/echo') });
    await next(socket, 'open');
    const told: unknown[] = [];
    const tell = ({ type }: Event) => told.push([type, socket.readyState, socket.status]);
    for (const type of ['statuschange', 'close', 'open']) socket.addEventListener(type, tell);
    socket.close();
    socket.reconnect();
    assert.deepEqual(told, [
      ['statuschange', 2, 'disconnecting'],
      ['statuschange', 3, 'disconnected'],
      ['close', 3, 'disconnected'],
      ['statuschange', 0, 'connecting'],
    ]);
    await statusIs(socket, 'connected');
  });

  it('begins a new life from the close listener of the old one', async () => {
    const { socket } = connection({ url: at('/echo') });
    await next(socket, 'open');
    const revived = new Promise<[number, string]>((resolve) => {
      socket.onclose = () => {
        socket.reconnect();
        resolve([socket.readyState, socket.status]);
      };
    });
    socket.close();
    assert.deepEqual(await revived, [0, 'connecting']);
    await statusIs(socket, 'connected');
  });
}
