// One message to every open connection of a manager, and how many took it.

import { assert } from 'chai';
import type { ConnectionSnapshot, EnvSocket } from 'envsocket';
import { next } from '../support/events';
import { LATE, newManager, statusIs } from '../support/manager';
import { at, control, newId, observed } from '../support/server';

export function broadcasting(): void {
  it('goes to every open connection that the filter picks, and says how many took it', async () => {
    const manager = newManager({ backoff: LATE });
    const ids = Array.from({ length: 4 }, () => newId());
    const sockets = ids.map((id, index) => {
      return manager.getConnection('project', `env ${index}`, null, { url: at('/quiet', { id }) });
    });
    assert.equal(manager.broadcast('too early'), 0);
    await Promise.all(sockets.map((socket) => next(socket, 'open')));
    assert.equal(manager.broadcast('all'), 4);
    const asked: ConnectionSnapshot[] = [];
    const even = (connection: ConnectionSnapshot) => {
      asked.push(connection);
      return Number(connection.envId.at(-1)) % 2 === 0;
    };
    assert.equal(manager.broadcast('even', even), 2);
    assert.deepEqual(asked, [...manager.getSnapshot().connections]);
    const lost = statusIs(sockets[0]!, 'reconnecting');
    await control(ids[0]!, 'drop');
    await lost;
    const closed = next(sockets[1]!, 'close');
    sockets[1]!.close();
    assert.equal(manager.broadcast(new Uint8Array([1, 2, 3])), 2);
    await closed;
    assert.equal(manager.broadcast(new Blob(['blob'])), 2);
    const seen = await Promise.all([2, 1, 4, 3].map((messages, index) => observed(ids[index]!, { messages })));
    const sizes = seen.map(({ messages }) => messages.map(({ text, bytes }) => text ?? bytes));
    assert.deepEqual(sizes, [['all', 'even'], ['all'], ['all', 'even', 3, 4], ['all', 3, 4]]);
  });

  it('does not count those that may only read, or have no room', async () => {
    const manager = newManager();
    const v1 = (terms: object): EnvSocket => {
      const url = at('/v1', { id: newId(), ...terms });
      return manager.getConnection('project', newId(), null, { url, maxQueuedBytes: 10 });
    };
    const sockets = [v1({}), v1({ readOnly: 'yes' }), v1({ credit: 5, acks: 'none' })];
    await Promise.all(sockets.map((socket) => statusIs(socket, 'connected')));
    assert.equal(manager.broadcast('x'.repeat(5)), 2);
    assert.equal(manager.broadcast('x'.repeat(11)), 1);
  });

  it('copies bytes, which a filter, or the caller later, may change', async () => {
    const manager = newManager();
    const id = newId();
    const socket = manager.getConnection('project', 'env', null, { url: at('/quiet', { id }) });
    await next(socket, 'open');
    const bytes = new Uint8Array([1, 2, 3]);
    const spoil = () => bytes.fill(0).length > 0;
    assert.equal(manager.broadcast(bytes, spoil), 1);
    assert.equal(manager.broadcast(new Uint8Array([1, 2, 3])), 1);
    const { messages } = await observed(id, { messages: 2 });
    assert.equal(messages[0]!.sha1, messages[1]!.sha1);
  });

  it('sends nothing at all when a filter throws, or a call is wrong', async () => {
    const manager = newManager();
    const ids = [newId(), newId()];
    const sockets = ids.map((id) => manager.getConnection('project', id, null, { url: at('/quiet', { id }) }));
    await Promise.all(sockets.map((socket) => next(socket, 'open')));
    const wrong = new Error('from a filter');
    const throws = ({ envId }: ConnectionSnapshot) => {
      if (envId === manager.getSnapshot().connections[1]!.envId) throw wrong;
      return true;
    };
    assert.throws(() => manager.broadcast('text', throws), wrong.message);
    assert.throws(() => manager.broadcast('text', 'all' as never), TypeError, /^filter must be a function/);
    assert.throws(() => (manager.broadcast as () => number)(), TypeError, /^data must be given/);
    assert.equal(manager.broadcast('mark'), 2);
    for (const id of ids) assert.equal((await observed(id, { messages: 1 })).messages[0]!.text, 'mark');
  });
}
