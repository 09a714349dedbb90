// No token goes over `ws:` to anything but this machine, unless an option says so.

import { assert } from 'chai';
import { type ConnectionOptions, EnvSocket, type ManagerOptions, WebSocketManager } from 'envsocket';
import { errorsDuring, next } from '../support/events';
import { connection, LATE, row, statusIs } from '../support/manager';
import { at, newId, observed } from '../support/server';
import { hellos, provider, renewals } from '../support/tokens';
import { attached, collected } from '../support/v1';

/** An address that leads nowhere, by its name (RFC 6761). */
const ELSEWHERE = 'ws://elsewhere.invalid:8080';

/** Until it is called off, the address leads to the test server, as if that was elsewhere. */
function leadingHere(): () => void {
  const Native = window.WebSocket;
  window.WebSocket = class extends Native {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(`${url}`.replace(ELSEWHERE, `ws://${location.host}`), protocols);
    }
  };
  return () => (window.WebSocket = Native);
}

/** The reason of the failure that these options lead to, and how often somebody was asked, or a socket made. */
async function failure(options: ConnectionOptions & ManagerOptions) {
  const { token, asked } = provider();
  const [undo, natives] = collected();
  try {
    const { socket, snapshot } = connection({ url: `${ELSEWHERE}/path?ticket=secret`, token, backoff: LATE, ...options });
    await next(socket, 'close');
    assert.equal(snapshot().status, 'failed');
    return { reason: snapshot().reason, asked: asked.length, sockets: natives.length };
  } finally {
    undo();
  }
}

const REASON = `a token does not go to ${ELSEWHERE}, which is not encrypted, without options.allowInsecureToken`;

export function insecurity(): void {
  for (const tokenTransport of ['hello', 'query', 'subprotocol', 'firstMessage'] as const) {
    it(`has failed before anybody was asked, with '${tokenTransport}'`, async () => {
      assert.deepEqual(await failure({ tokenTransport }), { reason: REASON, asked: 0, sockets: 0 });
    });
  }

  it('has failed with a text, too, and with an address that a function gave', async () => {
    assert.equal((await failure({ token: 'a-text' })).reason, REASON);
    assert.equal((await failure({ url: async () => ELSEWHERE })).reason, REASON);
  });

  it('lets those pass that send no token', async () => {
    for (const options of [{ tokenTransport: 'none' }, { protocol: 'off' }] as const) {
      const { token, asked } = provider();
      const { socket } = connection({ url: ELSEWHERE, token, maxRetries: 0, ...options });
      assert.equal((await next(socket, 'close')).code, 1006);
      assert.isEmpty(asked);
    }
  });

  it('asks for one when the option says so, on the manager or the connection', async () => {
    const { token, until } = provider();
    connection({ url: ELSEWHERE, token, backoff: LATE, allowInsecureToken: true });
    await until(1);
    const { socket, manager } = connection({ url: ELSEWHERE, token, backoff: LATE });
    await next(socket, 'close');
    manager.getConnection('project', socket.envId!, null, { allowInsecureToken: true });
    socket.reconnect();
    await until(2);
  });

  it("does not go by the manager's leave for one that is made alone", async () => {
    WebSocketManager.configure({ allowInsecureToken: true });
    const { token, asked, until } = provider();
    const options = { protocol: 'auto', token } as const;
    const socket = new EnvSocket(ELSEWHERE, undefined, options);
    await next(socket, 'close');
    assert.equal(socket.status, 'failed');
    assert.isEmpty(asked);
    WebSocketManager.configure({ allowInsecureToken: false });
    const own = new EnvSocket(ELSEWHERE, undefined, { ...options, allowInsecureToken: true });
    await until(1);
    const closed = next(own, 'close');
    own.close();
    await closed;
  });

  it('stops at a later attempt that leads there with a token that it has', async () => {
    const { id, socket, manager, cut } = await attached({ token: 'one', backoff: LATE });
    await cut();
    const [undo, natives] = collected();
    manager.getConnection('project', socket.envId!, null, { url: ELSEWHERE });
    const closed = next(socket, 'close');
    socket.reconnect();
    await closed;
    undo();
    assert.include(row(manager, socket.envId!), { status: 'failed', reason: REASON });
    assert.isEmpty(natives);
    assert.deepEqual(await hellos(id), ['one']);
  });

  it('goes to this machine by any of its names', async () => {
    for (const host of ['localhost', '127.0.0.1']) {
      const url = new URL(at('/v1', { id: newId() }));
      url.hostname = host;
      const { token, asked, until } = provider();
      const { socket } = connection({ url: url.href, token });
      await until(1);
      if (host === '127.0.0.1') await statusIs(socket, 'connected');
      assert.deepEqual(asked.map(({ reason }) => reason), ['first']);
    }
  });

  it('does not say one over a link that was opened without, leaves that, and stops at the next attempt', async () => {
    const back = leadingHere();
    const { id, socket, manager, cut } = await attached({}, {}, ELSEWHERE);
    const errors = await errorsDuring(async () => {
      manager.getConnection('project', socket.envId!, 'one');
      socket.send('after');
      await observed(id, { inputs: 1 });
    });
    assert.deepEqual([errors, socket.status], [[], 'connected']);
    assert.isEmpty(await renewals(id, 0));
    const closed = next(socket, 'close');
    await cut();
    await closed;
    back();
    assert.include(row(manager, socket.envId!), { status: 'failed', reason: REASON });
    assert.deepEqual(await hellos(id), [null]);
  });

  it('says one there when the option allows it', async () => {
    const back = leadingHere();
    const { id } = await attached({ token: 'one', allowInsecureToken: true }, {}, ELSEWHERE);
    back();
    assert.deepEqual(await hellos(id), ['one']);
  });
}
