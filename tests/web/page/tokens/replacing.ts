// Another token for a connection that there is.

import { assert } from 'chai';
import { next, openedAfter } from '../support/events';
import { connection, LATE, row, SOON, statusIs } from '../support/manager';
import { at, control, newId, observed } from '../support/server';
import { hellos, provider, renewals } from '../support/tokens';
import { attach, attached } from '../support/v1';

export function replacing(): void {
  it('says another text over the open link, drops nothing, and has it from then on', async () => {
    const { id, socket, manager, heard, cut } = await attached({ token: 'one' });
    const pair = ['project', socket.envId!] as const;
    assert.equal(manager.getConnection(...pair, 'two'), socket);
    assert.deepEqual(await renewals(id), ['two']);
    assert.equal(manager.getConnection(...pair, null, { token: 'three' }), socket);
    assert.deepEqual(await renewals(id, 2), ['two', 'three']);
    assert.equal((await observed(id)).attempts, 1);
    await cut();
    await statusIs(socket, 'connected');
    assert.deepEqual(await hellos(id, 2), ['one', 'three']);
    assert.deepEqual([heard.opens, heard.gaps], [1, []]);
  });

  it('changes nothing by the same text, or by none', async () => {
    const { id, socket, manager } = await attached({ token: 'one' });
    const pair = ['project', socket.envId!] as const;
    for (const token of ['one', null, undefined]) manager.getConnection(...pair, token, {});
    socket.send('after');
    await observed(id, { inputs: 1 });
    assert.isEmpty(await renewals(id, 0));
  });

  it('asks another function for the next attempt, for the first one', async () => {
    const before = provider(() => 'one');
    for (const first of ['one', before.token]) {
      const { id, socket, manager, cut } = await attached({ token: first, backoff: SOON });
      const { token, reasons } = provider();
      manager.getConnection('project', socket.envId!, token);
      assert.isEmpty(reasons);
      await cut();
      await statusIs(socket, 'connected');
      await cut();
      await statusIs(socket, 'connected');
      assert.deepEqual([await hellos(id, 3), reasons], [['one', 'token-1', 'token-1'], ['first']]);
    }
    assert.deepEqual(before.reasons, ['first']);
  });

  it('asks another function at once when an answer is waited for, and does not hear the one before', async () => {
    const late = Promise.withResolvers<string>();
    const [before, after] = [provider(() => late.promise), provider(() => 'of-the-other')];
    const { id, socket, manager } = attach({ token: before.token, backoff: LATE });
    await before.until(1);
    manager.getConnection('project', socket.envId!, after.token);
    assert.deepEqual(after.reasons, ['first']);
    late.resolve('of-the-one-before');
    await statusIs(socket, 'connected');
    assert.deepEqual([await hellos(id), before.reasons], [['of-the-other'], ['first']]);
  });

  it('lets nobody be heard who is replaced for all while an answer is waited for', async () => {
    const late = Promise.withResolvers<string>();
    const before = provider(() => late.promise);
    const { id, socket, manager } = attach({ token: before.token, backoff: LATE });
    await before.until(1);
    manager.configure({ token: 'of-the-manager' });
    late.resolve('of-the-one-before');
    await statusIs(socket, 'connected');
    assert.deepEqual(await hellos(id), ['of-the-manager']);
  });

  it("has the manager's other text from the next attempt on", async () => {
    const { id, socket, manager, cut } = await attached({ token: 'one', backoff: SOON });
    manager.configure({ token: 'two' });
    socket.send('over the same link');
    await observed(id, { inputs: 1 });
    assert.isEmpty(await renewals(id, 0));
    await cut();
    await statusIs(socket, 'connected');
    assert.deepEqual(await hellos(id, 2), ['one', 'two']);
  });

  it('goes on with a text while a function has no answer', async () => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const { token, until } = provider(() => promise);
    const { id, socket, manager, cut } = attach({ token, tokenTransport: 'query' });
    await until(1);
    manager.getConnection('project', socket.envId!, 'at-hand');
    await statusIs(socket, 'connected');
    resolve('too-late');
    socket.send('after');
    await observed(id, { inputs: 1 });
    await cut();
    await statusIs(socket, 'connected');
    assert.deepEqual([await hellos(id, 2), await renewals(id, 0)], [['at-hand', 'at-hand'], []]);
    for (const { path } of (await observed(id)).requests) assert.match(path, /&token=at-hand$/);
  });

  it('gives one to a connection that had none, at once', async () => {
    const { id, socket, manager } = await attached();
    manager.getConnection('project', socket.envId!, 'the-first');
    assert.deepEqual([await hellos(id), await renewals(id)], [[null], ['the-first']]);
  });

  it("has the manager's from the next need on", async () => {
    const { id, socket, manager, cut } = await attached();
    const { token, reasons } = provider();
    manager.configure({ token });
    assert.isEmpty(reasons);
    await cut();
    await statusIs(socket, 'connected');
    assert.deepEqual([await hellos(id, 2), reasons], [[null, 'token-1'], ['first']]);
  });

  it("has the manager's other text when the first is rejected", async () => {
    const { id, socket, manager } = await attached({ token: 'one' }, { tokens: '["one"]' });
    manager.configure({ token: 'two' });
    await control(id, 'accept', { tokens: '["two"]' });
    const lost = statusIs(socket, 'reconnecting');
    await control(id, 'reject');
    await lost;
    await statusIs(socket, 'connected');
    assert.deepEqual(await hellos(id, 2), ['one', 'two']);
  });

  it('waits for the next attempt on a plain server', async () => {
    const id = newId();
    const { socket, manager } = connection({
      url: at('/echo', { id }),
      protocol: 'off',
      backoff: SOON,
      token: 'one',
      tokenTransport: 'query',
    });
    await next(socket, 'open');
    manager.getConnection('project', socket.envId!, 'two');
    const echo = next(socket, 'message');
    socket.send('over the same link');
    await echo;
    await openedAfter(socket, () => control(id, 'drop'));
    const { requests, messages } = await observed(id);
    assert.deepEqual(requests.map(({ path }) => path.slice(path.indexOf('&'))), ['&token=one', '&token=two']);
    assert.deepEqual(messages.map(({ text }) => text), ['over the same link']);
  });

  it('does not wake a connection that has failed, and is what its next life has', async () => {
    const { id, socket, manager } = attach({ token: 'bad', backoff: LATE }, { tokens: '["good"]' });
    await next(socket, 'close');
    assert.equal(manager.getConnection('project', socket.envId!, 'good'), socket);
    assert.equal(row(manager, socket.envId!).status, 'failed');
    socket.reconnect();
    await statusIs(socket, 'connected');
    assert.deepEqual(await hellos(id, 2), ['bad', 'good']);
  });
}
