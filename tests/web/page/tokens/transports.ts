// How a token goes to a server: what that saw on the wire.

import { assert } from 'chai';
import type { ConnectionOptions } from 'envsocket';
import { next, openedAfter } from '../support/events';
import { connection, SOON, statusIs } from '../support/manager';
import { at, control, newId, observed } from '../support/server';
import { hellos, provider } from '../support/tokens';
import { attached } from '../support/v1';

/** Nothing that a URL or a header takes as it is. */
const TOKEN = 'a-token/of+odd=chars&日本';
const ENCODED = encodeURIComponent(TOKEN);
const BEARER = `envsocket.bearer.${btoa(String.fromCharCode(...new TextEncoder().encode(TOKEN)))
  .replaceAll('+', '-')
  .replaceAll('/', '_')
  .replaceAll('=', '')}`;

/** An open connection to a plain server. */
async function plain(options: ConnectionOptions, query: Record<string, string> = {}) {
  const id = newId();
  const { socket, manager } = connection({ url: at('/echo', { id, ...query }), backoff: SOON, token: TOKEN, ...options });
  await next(socket, 'open');
  return { id, socket, manager };
}

export function transports(): void {
  for (const protocol of ['auto', 'off'] as const) {
    it(`sends a plain server nothing when no option says how, with protocol '${protocol}'`, async () => {
      const { id, socket } = await plain({ protocol });
      const echo = next(socket, 'message');
      socket.send('text');
      await echo;
      const { requests, messages } = await observed(id);
      for (const form of [TOKEN, ENCODED, 'bearer', 'token=']) assert.notInclude(JSON.stringify(requests), form);
      assert.deepEqual(messages.map(({ text }) => text), ['text']);
    });

    it(`puts it into the query, which only the socket inside sees, with protocol '${protocol}'`, async () => {
      const { id, socket } = await plain({ protocol, tokenTransport: 'query' });
      const { requests } = await observed(id);
      assert.match(requests[0]!.path, /&token=/);
      assert.equal(new URL(requests[0]!.path, 'ws://x').searchParams.get('token'), TOKEN);
      assert.equal(socket.url, at('/echo', { id }));
    });

    it(`says it first, and counts it as nobody's message, with protocol '${protocol}'`, async () => {
      const id = newId();
      const options = { url: at('/echo', { id }), backoff: SOON, protocol, token: TOKEN } as const;
      const { socket, manager } = connection({ ...options, tokenTransport: 'firstMessage' });
      socket.send('queued');
      await next(socket, 'open');
      socket.send('later');
      let { messages } = await observed(id, { messages: 3 });
      assert.deepEqual(messages.map(({ text }) => text), [TOKEN, 'queued', 'later']);
      assert.equal(manager.getMetrics().messagesOut, 2);
      await openedAfter(socket, () => control(id, 'drop'));
      ({ messages } = await observed(id, { messages: 4 }));
      assert.equal(messages[3]!.text, TOKEN);
    });
  }

  it('offers it last of the subprotocols, and shows it to nobody when the server takes it', async () => {
    const shared: ConnectionOptions = { protocol: 'off', tokenTransport: 'subprotocol', protocols: ['mine', 'other'] };
    const own = await plain(shared);
    assert.equal(own.socket.protocol, 'mine');
    assert.equal((await observed(own.id)).requests[0]!.protocols!.replaceAll(' ', ''), `mine,other,${BEARER}`);
    const taken = await plain(shared, { protocol: 'last' });
    assert.equal(taken.socket.protocol, '');
    const alone = await plain({ ...shared, protocols: [] });
    assert.equal((await observed(alone.id)).requests[0]!.protocols, BEARER);
    assert.equal(alone.socket.protocol, '');
  });

  it("hides only the name that is the token, and no other that is the application's own", async () => {
    const protocols = ['envsocket.bearer.own', 'other'];
    for (const tokenTransport of ['subprotocol', 'query'] as const) {
      const { socket } = await plain({ protocol: 'off', tokenTransport, protocols });
      assert.equal(socket.protocol, 'envsocket.bearer.own', tokenTransport);
    }
  });

  it('offers it beside those of the resume protocol', async () => {
    const { id, socket, manager } = await plain({ tokenTransport: 'subprotocol' }, { protocol: 'last' });
    const { protocols } = (await observed(id)).requests[0]!;
    assert.equal(protocols!.replaceAll(' ', ''), `envsocket.plain,envsocket.v1,${BEARER}`);
    assert.equal(socket.protocol, '');
    assert.equal(manager.getSnapshot().connections[0]!.protocol, 'plain');
  });

  for (const tokenTransport of ['hello', 'query', 'subprotocol', 'firstMessage'] as const) {
    it(`says it in the hello to a server of the resume protocol, whatever '${tokenTransport}' does besides`, async () => {
      const { id, socket } = await attached({ token: TOKEN, tokenTransport });
      assert.deepEqual(await hellos(id), [TOKEN]);
      socket.send('text');
      assert.deepEqual((await observed(id, { inputs: 1 })).inputs, ['text']);
    });
  }

  it('keeps it to the hello where only the resume protocol will do', async () => {
    for (const tokenTransport of ['query', 'subprotocol'] as const) {
      const { id } = await attached({ token: TOKEN, tokenTransport, protocol: 'require' });
      assert.deepEqual(await hellos(id), [TOKEN]);
      const { path, protocols } = (await observed(id)).requests[0]!;
      assert.notInclude(path, 'token=');
      assert.equal(protocols, 'envsocket.v1');
    }
  });

  it("asks for none and says none with 'none'", async () => {
    const { token, asked } = provider();
    const { id, socket, manager, cut } = await attached({ token, tokenTransport: 'none' });
    manager.getConnection('project', socket.envId!, 'a-text');
    await cut();
    await statusIs(socket, 'connected');
    assert.deepEqual([await hellos(id, 2), asked], [[null, null], []]);
    assert.isEmpty((await observed(id)).frames!.filter(({ type }) => type === 'token'));
  });

  it('goes another way from the next attempt on', async () => {
    const { id, socket, manager } = await plain({ protocol: 'off' });
    manager.configure({ tokenTransport: 'query' });
    await openedAfter(socket, () => control(id, 'drop'));
    const [first, second] = (await observed(id)).requests;
    assert.notInclude(first!.path, 'token=');
    assert.include(second!.path, `token=${ENCODED}`);
  });
}
