// Close code 4401: another token, once.

import { assert } from 'chai';
import { next, openedAfter } from '../support/events';
import { connection, LATE, row, SOON, statusIs } from '../support/manager';
import { at, control, newId, observed } from '../support/server';
import { hellos, provider } from '../support/tokens';
import { attach, attached } from '../support/v1';

const accepting = (...tokens: string[]) => ({ tokens: JSON.stringify(tokens) });

export function rejecting(): void {
  it('asks for another at once, and says that', async () => {
    const { token, reasons } = provider();
    const { id, socket } = attach({ token, backoff: LATE }, accepting('token-2'));
    await statusIs(socket, 'connected');
    assert.deepEqual(reasons, ['first', 'rejected']);
    assert.deepEqual(await hellos(id), ['token-1', 'token-2']);
  });

  it('has failed at the second in a row', async () => {
    const { token, reasons } = provider();
    const { id, socket, manager } = attach({ token }, accepting());
    assert.equal((await next(socket, 'close')).code, 4401);
    assert.equal(row(manager, socket.envId!).status, 'failed');
    assert.equal(row(manager, socket.envId!).reason, 'the token was rejected: no good token');
    assert.deepEqual(reasons, ['first', 'rejected']);
    assert.deepEqual(await hellos(id), ['token-1', 'token-2']);
  });

  it('has failed at once with a text, which stays the same', async () => {
    const { id, socket, manager } = attach({ token: 'a-text' }, accepting());
    await next(socket, 'close');
    assert.include(row(manager, socket.envId!), { status: 'failed', reason: 'the token was rejected: no good token' });
    assert.deepEqual(await hellos(id), ['a-text']);
  });

  it('has failed without a token', async () => {
    const { id, socket, manager } = attach({}, accepting());
    assert.equal((await next(socket, 'close')).code, 4401);
    assert.include(row(manager, socket.envId!), { status: 'failed', reason: 'no good token' });
    assert.deepEqual(await hellos(id), [null]);
  });

  for (const protocol of ['auto', 'off'] as const) {
    it(`has failed when a plain server that was sent none wants one, with protocol '${protocol}'`, async () => {
      const id = newId();
      const { token } = provider();
      // One that chooses the first subprotocol says by it that it is a plain one.
      const url = at('/echo', { id, protocol: 'first' });
      const { socket, snapshot } = connection({ url, protocol, backoff: SOON, token });
      await next(socket, 'open');
      const closed = next(socket, 'close');
      await control(id, 'close', { code: 4401, reason: 'who are you' });
      assert.equal((await closed).code, 4401);
      assert.include(snapshot(), { status: 'failed', reason: 'who are you' });
      assert.equal((await observed(id)).attempts, 1);
    });
  }

  it('comes back with another one, and loses nothing of what was under way', async () => {
    const { token, reasons } = provider();
    const { id, socket, heard, say, until } = await attached({ token, backoff: LATE }, accepting('token-1'));
    await say('before');
    await until(1);
    await control(id, 'accept', accepting('token-2'));
    const lost = statusIs(socket, 'reconnecting');
    await control(id, 'reject');
    socket.send('one');
    await lost;
    socket.send('two');
    await say('meanwhile');
    await statusIs(socket, 'connected');
    assert.deepEqual(await until(2), ['before', 'meanwhile']);
    assert.deepEqual((await observed(id, { inputs: 2 })).inputs, ['one', 'two']);
    assert.deepEqual(reasons, ['first', 'rejected']);
    assert.deepEqual([heard.gaps, heard.discarded, heard.opens], [[], [], 1]);
    assert.lengthOf((await observed(id)).sessions!, 1);
  });

  it('asks for another when a plain server wants one, too', async () => {
    const id = newId();
    const { token, reasons } = provider();
    const url = at('/echo', { id });
    const { socket } = connection({ url, protocol: 'off', backoff: LATE, token, tokenTransport: 'query' });
    await next(socket, 'open');
    await openedAfter(socket, () => control(id, 'close', { code: 4401 }));
    assert.deepEqual(reasons, ['first', 'rejected']);
    const [first, second] = (await observed(id)).requests;
    assert.match(first!.path, /token=token-1$/);
    assert.match(second!.path, /token=token-2$/);
  });

  it('has failed at the second of a plain server', async () => {
    const { token, reasons } = provider();
    const url = at('/close', { code: 4401 });
    const { socket } = connection({ url, protocol: 'off', backoff: SOON, token, tokenTransport: 'query' });
    assert.equal((await next(socket, 'close')).code, 4401);
    assert.equal(socket.status, 'failed');
    assert.deepEqual(reasons, ['first', 'rejected']);
  });

  it('asks a plain server again with another token after each attempt, for it may have refused that one', async () => {
    const id = newId();
    const { token, reasons } = provider();
    const url = at('/echo', { id });
    const { socket } = connection({ url, protocol: 'off', backoff: SOON, token, tokenTransport: 'query' });
    await next(socket, 'open');
    await openedAfter(socket, () => control(id, 'drop'));
    assert.deepEqual(reasons, ['first', 'expired']);
  });
}
