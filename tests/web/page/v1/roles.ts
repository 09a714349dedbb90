// Of several terminals over one shell one counts; and what is old is known to be.

import { assert } from 'chai';
import { next } from '../support/events';
import { connection, LATE, statusIs } from '../support/manager';
import { at, control } from '../support/server';
import { attach, attached } from '../support/v1';

export function roles(): void {
  it('tells who counts when that changes, in order with the messages', async () => {
    const { id, socket, say, until } = await attached();
    assert.isTrue(socket.isController);
    const told: unknown[] = [];
    socket.addEventListener('message', ({ data }) => told.push(data));
    socket.addEventListener('rolechange', ({ detail }) => told.push(detail.controller, socket.isController));
    await say('one');
    await control(id, 'role', { controller: 'no' });
    await control(id, 'role', { controller: 'no' });
    await say('two');
    await control(id, 'role', { controller: 'yes' });
    await say('three');
    await until(3);
    assert.deepEqual(told, ['one', false, false, 'two', true, true, 'three']);
  });

  it('knows it before it is open, and keeps it while the link is down', async () => {
    const { id, socket, cut } = attach({ backoff: LATE }, { controller: 'no' });
    const told: unknown[] = [];
    socket.addEventListener('open', () => told.push(socket.isController));
    socket.addEventListener('rolechange', ({ detail }) => told.push(detail));
    assert.isTrue(socket.isController);
    await statusIs(socket, 'connected');
    assert.deepEqual(told, [{ controller: false }, false]);
    await cut();
    assert.isFalse(socket.isController);
    await control(id, 'role', { controller: 'yes' });
    socket.reconnect();
    await statusIs(socket, 'connected');
    assert.deepEqual(told, [{ controller: false }, false, { controller: true }]);
  });

  it('counts again in another life, until the server says otherwise', async () => {
    const { socket } = await attached({}, { controller: 'no' });
    const closed = next(socket, 'close');
    socket.close();
    await closed;
    const told: unknown[] = [];
    socket.addEventListener('rolechange', ({ detail }) => told.push(detail.controller));
    socket.reconnect();
    assert.isTrue(socket.isController);
    await statusIs(socket, 'connected');
    assert.deepEqual(told, [true, false]);
  });

  it('hears who counts in the life after a failure, too', async () => {
    const { id, socket } = await attached({ maxRetries: 0 }, { controller: 'no' });
    const failed = statusIs(socket, 'failed');
    await control(id, 'cut');
    await failed;
    const told: unknown[] = [];
    socket.addEventListener('rolechange', ({ detail }) => told.push(detail.controller));
    socket.reconnect();
    await statusIs(socket, 'connected');
    assert.deepEqual([told, socket.isController], [[true, false], false]);
  });

  it('counts with a plain server, and everything is new', async () => {
    const { socket } = connection({ url: at('/echo') });
    await next(socket, 'open');
    const old: boolean[] = [];
    socket.addEventListener('message', () => old.push(socket.isReplaying));
    const echo = next(socket, 'message');
    socket.send('text');
    await echo;
    assert.deepEqual([socket.isController, old], [true, [false]]);
  });

  it('says of what was sent before the link was there that it is old, and of a snapshot', async () => {
    const { id, socket, say, until, cut } = await attached({ backoff: LATE });
    const old: unknown[] = [];
    socket.addEventListener('message', ({ data }) => old.push(data, socket.isReplaying));
    await say('one');
    await until(1);
    await cut();
    await say('two');
    socket.reconnect();
    await until(2);
    assert.isFalse(socket.isReplaying);
    await say('three');
    await until(3);
    await cut();
    await say('four', 'five');
    await control(id, 'evict', { snapshot: 'picture' });
    socket.reconnect();
    await until(4);
    await say('six');
    await until(5);
    assert.deepEqual(old, ['one', false, 'two', true, 'three', false, 'picture', true, 'six', false]);
  });
}
