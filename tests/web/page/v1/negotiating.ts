// Who speaks what: what is offered, what servers make of it, and what follows.

import { assert } from 'chai';
import { EnvSocket } from 'envsocket';
import { next } from '../support/events';
import { connection, LATE, newManager, SOON, statusIs, until } from '../support/manager';
import { at, control, newId, observed } from '../support/server';

const BOTH = 'envsocket.plain,envsocket.v1';

/** What each attempt has offered. */
async function offers(id: string, attempts = 1): Promise<(string | null)[]> {
  const { requests } = await observed(id, { attempts });
  return requests.map(({ protocols }) => protocols?.replaceAll(', ', ',') ?? null);
}

/** Sends, and hears the echo of a plain server. */
async function echoes(socket: EnvSocket): Promise<void> {
  const answer = next(socket, 'message');
  socket.send('\0{"type":"plain"}');
  assert.equal((await answer).data, '\0{"type":"plain"}');
}

export function negotiating(): void {
  it('offers both, and speaks envsocket.v1 with a server that chooses it', async () => {
    const id = newId();
    const { socket, snapshot } = connection({ url: at('/v1', { id }) });
    await next(socket, 'open');
    assert.deepEqual(await offers(id), [BOTH]);
    assert.equal(snapshot().protocol, 'envsocket.v1');
    assert.equal(socket.protocol, '');
  });

  it('is plain with a server that echoes the first by habit', async () => {
    const id = newId();
    const { socket, snapshot, manager } = connection({ url: at('/echo', { id }) });
    await next(socket, 'open');
    assert.deepEqual(await offers(id), [BOTH]);
    assert.equal(snapshot().protocol, 'plain');
    assert.equal(socket.protocol, '');
    await echoes(socket);
    assert.deepEqual(manager.getMetrics().failures, {});
  });

  for (const [what, protocol] of [
    ['echoes none', 'none'],
    ['echoes all of them', 'envsocket.plain, envsocket.v1'],
    ['chooses one that was not offered', 'mqtt'],
  ] as const) {
    it(`is plain with a server that ${what}, which browsers may refuse`, async () => {
      const id = newId();
      // A retry in its own time would come too late to be waited for.
      const { socket, snapshot, manager } = connection({ url: at('/echo', { id, protocol }), backoff: LATE });
      await next(socket, 'open');
      assert.equal(snapshot().protocol, 'plain');
      const made = await offers(id);
      assert.includeDeepMembers([[BOTH], [BOTH, null]], [made]);
      await echoes(socket);
      assert.deepEqual(manager.getMetrics().failures, {});
    });
  }

  it('tries a server that refuses without subprotocols at once, and then in turns', async () => {
    const id = newId();
    await control(id, 'refuse', { times: 3 });
    const { socket, snapshot } = connection({ url: at('/v1', { id }), backoff: SOON });
    await next(socket, 'open');
    const made = await offers(id, 4);
    assert.deepEqual(made.slice(0, 2), [BOTH, null]);
    assert.sameMembers(made.slice(2), [BOTH, null]);
    assert.equal(snapshot().protocol, made[3] === null ? 'plain' : 'envsocket.v1');
  });

  it('offers again at every reconnect: a server that was plain may have learned', async () => {
    const id = newId();
    const { socket } = connection({ url: at('/echo', { id }), backoff: SOON });
    await next(socket, 'open');
    const reopened = next(socket, 'open');
    await control(id, 'drop');
    await reopened;
    assert.deepEqual(await offers(id, 2), [BOTH, BOTH]);
  });

  it('never downgrades a server that has spoken envsocket.v1', async () => {
    const id = newId();
    const { socket, snapshot } = connection({ url: at('/v1', { id }), backoff: SOON });
    await next(socket, 'open');
    await control(id, 'refuse', { times: 4 });
    const back = statusIs(socket, 'reconnecting').then(() => statusIs(socket, 'connected'));
    await control(id, 'cut');
    await back;
    assert.deepEqual(await offers(id, 6), [BOTH, BOTH, BOTH, BOTH, BOTH, BOTH]);
    assert.equal(snapshot().protocol, 'envsocket.v1');
  });

  it('offers envsocket.v1 alone where it is required', async () => {
    const id = newId();
    const { socket, snapshot } = connection({ url: at('/v1', { id }), protocol: 'require' });
    await next(socket, 'open');
    assert.deepEqual(await offers(id), ['envsocket.v1']);
    assert.equal(snapshot().protocol, 'envsocket.v1');
  });

  it('never makes do with a plain server where envsocket.v1 is required', async () => {
    const id = newId();
    const url = at('/echo', { id, protocol: 'none' });
    const { socket, manager, snapshot } = connection({ url, protocol: 'require', maxRetries: 1, backoff: SOON });
    await until(manager, () => snapshot().status === 'failed');
    assert.equal(socket.status, 'failed');
    // Firefox opens such a socket, and it is refused for good; Chromium fails it, as if nobody were there.
    const made = await offers(id);
    const opened = made.length === 1;
    assert.deepEqual(made, opened ? ['envsocket.v1'] : ['envsocket.v1', 'envsocket.v1']);
    const reason = opened ? 'the server does not speak envsocket.v1' : 'out of retries: the server cannot be reached';
    assert.equal(snapshot().reason, reason);
    assert.equal(manager.getMetrics().opens, 0);
  });

  it('offers nothing where it is off', async () => {
    const id = newId();
    const { socket, snapshot } = connection({ url: at('/v1', { id }), protocol: 'off' });
    await next(socket, 'open');
    assert.deepEqual(await offers(id), [null]);
    assert.equal(snapshot().protocol, 'plain');
  });

  it("offers the application's own subprotocols instead, and says which was chosen", async () => {
    const id = newId();
    const { socket, snapshot } = connection({ url: at('/echo', { id }), protocols: ['own', 'other'] });
    await next(socket, 'open');
    assert.deepEqual(await offers(id), ['own,other']);
    assert.equal(socket.protocol, 'own');
    assert.equal(snapshot().protocol, 'plain');
  });

  it("goes by the connection where the manager has subprotocols of the application's", async () => {
    const manager = newManager({ protocols: 'own' });
    const [plain, resuming] = [newId(), newId()];
    const one = manager.getConnection('project', plain, null, { url: at('/echo', { id: plain }) });
    const other = manager.getConnection('project', resuming, null, {
      url: at('/v1', { id: resuming }),
      protocol: 'auto',
    });
    await Promise.all([statusIs(one, 'connected'), statusIs(other, 'connected')]);
    assert.deepEqual([await offers(plain), await offers(resuming)], [['own'], [BOTH]]);
  });

  it('is off for a socket that is made alone, unless it says otherwise', async () => {
    for (const [options, offered] of [
      [{}, null],
      [{ protocol: 'auto' }, BOTH],
      [{ protocol: 'require' }, 'envsocket.v1'],
    ] as const) {
      const id = newId();
      const socket = new EnvSocket(at('/v1', { id }), [], options);
      await next(socket, 'open');
      assert.deepEqual(await offers(id), [offered]);
      socket.close();
      await next(socket, 'close');
    }
  });
}
