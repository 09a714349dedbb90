// `signOut`: every token is forgotten, and everything closes.

import { assert } from 'chai';
import { EnvSocket, WebSocketManager } from 'envsocket';
import { next, turn } from '../support/events';
import { newManager, SOON, statusIs, until } from '../support/manager';
import { at, newId, observed } from '../support/server';
import { hellos, provider } from '../support/tokens';
import { attach, attached } from '../support/v1';

export function signingOut(): void {
  it('closes all, and an old connection has no token any more', async () => {
    const { token, asked } = provider();
    const { id, socket, manager } = await attached({ token });
    const other = manager.getConnection('project', 'other', 'of-its-own');
    await statusIs(other, 'connected');
    const closed = [socket, other].map((one) => next(one, 'close'));
    manager.signOut();
    await Promise.all(closed);
    assert.deepEqual([socket.status, other.status], ['disconnected', 'disconnected']);
    assert.isEmpty(manager.getSnapshot().connections);
    await until(manager, () => Object.values(manager.debugResources()).filter((held) => held > 0).length <= 1);
    for (const one of [socket, other]) {
      one.reconnect();
      await statusIs(one, 'connected');
    }
    assert.lengthOf(asked, 1);
    assert.deepEqual([...(await hellos(id, 4))].slice(2), [null, null]);
  });

  it('has no token for one that is told to come back while it closes', async () => {
    const { token, asked } = provider();
    const { id, socket, manager } = await attached({ token });
    manager.signOut();
    assert.equal(socket.status, 'disconnecting');
    manager.reconnect('project', socket.envId!);
    await statusIs(socket, 'connected');
    assert.deepEqual([await hellos(id, 2), asked.length], [['token-1', null], 1]);
  });

  it('closes those that were made alone, too, and they come back without', async () => {
    const id = newId();
    const socket = new EnvSocket(at('/v1', { id }), undefined, { protocol: 'require', token: 'of-its-own' });
    await statusIs(socket, 'connected');
    WebSocketManager.signOut();
    assert.equal(socket.status, 'disconnecting');
    socket.reconnect();
    await statusIs(socket, 'connected');
    assert.deepEqual(await hellos(id, 2), ['of-its-own', null]);
    const closed = next(socket, 'close');
    socket.close();
    await closed;
  });

  it('lets a late answer go nowhere', async () => {
    const late = Promise.withResolvers<string>();
    const { token, until: asked } = provider(() => late.promise);
    const { id, socket, manager } = attach({ token });
    await asked(1);
    const closed = next(socket, 'close');
    manager.signOut();
    await closed;
    late.resolve('of-who-has-left');
    await turn();
    socket.reconnect();
    await statusIs(socket, 'connected');
    assert.deepEqual(await hellos(id), [null]);
  });

  it('does not give the next one who signs in what was asked for the last one', async () => {
    const late = Promise.withResolvers<string>();
    const { token, until: asked } = provider((call) => (call === 1 ? late.promise : 'of-the-next-one'));
    const id = newId();
    const manager = newManager({ url: at('/v1', { id }), backoff: SOON });
    manager.getConnection('project', 'env', token);
    await asked(1);
    manager.signOut();
    const socket = manager.getConnection('project', 'env', token);
    late.resolve('of-who-has-left');
    await statusIs(socket, 'connected');
    assert.deepEqual(await hellos(id), ['of-the-next-one']);
  });

  it('keeps what listeners give while they hear of the end', async () => {
    const { id, socket, manager } = await attached({ token: 'one' });
    const again = new Promise<EnvSocket>((resolve) => {
      socket.addEventListener('close', () => resolve(manager.getConnection('project', socket.envId!, 'two')));
    });
    manager.signOut();
    await statusIs(await again, 'connected');
    assert.deepEqual(await hellos(id, 2), ['one', 'two']);
    assert.equal((await observed(id)).open, 1);
  });
}
