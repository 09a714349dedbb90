// When a token is asked for, whom, and what becomes of an answer that is none.

import { assert } from 'chai';
import { EnvSocket, PermanentAuthError, type Token, WebSocketManager } from 'envsocket';
import { passed } from '../support/clock';
import { assertThrows, next, turn } from '../support/events';
import { connection, LATE, newManager, row, SOON, statusIs, until } from '../support/manager';
import { at, newId, observed } from '../support/server';
import { hellos, jwt, provider } from '../support/tokens';
import { attach, attached } from '../support/v1';

/** A provider of anything at all. */
const answering = (answer: unknown): Token => (() => answer) as () => string;

const TOO_LATE = 'no token within the connect timeout';

class Lookalike extends Error {
  override name = 'PermanentAuthError';
}

export function asking(): void {
  it('says a text in the hello, of every attempt', async () => {
    const { id, cut, socket } = await attached({ token: 'a-text' });
    await cut();
    await statusIs(socket, 'connected');
    assert.deepEqual(await hellos(id, 2), ['a-text', 'a-text']);
  });

  it('asks a function once, and has its answer for later attempts, too', async () => {
    const { token, asked } = provider();
    const { id, socket, cut } = await attached({ token });
    await cut();
    await statusIs(socket, 'connected');
    assert.deepEqual(await hellos(id, 2), ['token-1', 'token-1']);
    assert.deepEqual(asked, [{ projectName: 'project', envId: socket.envId!, reason: 'first' }]);
  });

  it('waits for an answer, and asks nobody where the resume protocol is not spoken', async () => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const slow = provider(() => promise);
    const { id, socket } = attach({ token: slow.token });
    await slow.until(1);
    assert.equal(socket.status, 'connecting');
    assert.equal((await observed(id)).attempts, 0);
    resolve('worth-waiting-for');
    await statusIs(socket, 'connected');
    assert.deepEqual(await hellos(id), ['worth-waiting-for']);
    const { token, asked } = provider();
    await next(connection({ url: at('/echo'), protocol: 'off', token }).socket, 'open');
    assert.deepEqual(asked, []);
  });

  it('asks for another once it has expired while the link was down', async () => {
    const { token, reasons } = provider(() => jwt(60_000));
    const { id, socket, cut } = await attached({ token, backoff: LATE });
    await cut();
    const restore = passed(61_000);
    try {
      socket.reconnect();
      await statusIs(socket, 'connected');
    } finally {
      restore();
    }
    assert.deepEqual(reasons, ['first', 'expired']);
    const [first, second] = await hellos(id, 2);
    assert.notEqual(first, second);
  });

  it('waits for a call that takes longer than an attempt, with the next attempt', async () => {
    const slow = Promise.withResolvers<string>();
    const { token, reasons } = provider(() => slow.promise);
    const { id, socket, manager } = attach({ token, connectTimeoutMs: 20 });
    const pair = ['project', socket.envId!] as const;
    const gaveUp = () => manager.getConnectionLog(...pair).some(({ because }) => because === TOO_LATE);
    await until(manager, gaveUp);
    // For the next attempt.
    manager.getConnection(...pair, null, { connectTimeoutMs: 20_000 });
    await until(manager, () => manager.getConnectionLog(...pair).filter(({ to }) => to === 'authorizing').length === 2);
    slow.resolve('worth-waiting-for');
    await statusIs(socket, 'connected');
    assert.deepEqual([await hellos(id), reasons], [['worth-waiting-for'], ['first']]);
  });

  it('has the answer that came between two attempts', async () => {
    const slow = Promise.withResolvers<string>();
    const { token, reasons } = provider(() => slow.promise);
    const { id, socket, manager } = attach({ token, connectTimeoutMs: 20, backoff: LATE });
    await until(manager, () => row(manager, socket.envId!).nextAttemptAt !== null);
    manager.getConnection('project', socket.envId!, null, { connectTimeoutMs: 20_000 });
    slow.resolve('a-little-late');
    await turn();
    socket.reconnect();
    await statusIs(socket, 'connected');
    assert.deepEqual([await hellos(id), reasons], [['a-little-late'], ['first']]);
  });

  it('asks anew after two attempts that waited in vain', async () => {
    const { token, reasons } = provider((call) => (call === 1 ? new Promise(() => {}) : `token-${call}`));
    const { id, socket, manager } = attach({ token, connectTimeoutMs: 20, backoff: LATE });
    for (let attempts = 1; attempts <= 2; attempts += 1) {
      await until(manager, () => row(manager, socket.envId!).nextAttemptAt !== null);
      assert.equal(row(manager, socket.envId!).reason, TOO_LATE);
      assert.lengthOf(reasons, 1);
      if (attempts === 2) manager.getConnection('project', socket.envId!, null, { connectTimeoutMs: 20_000 });
      socket.reconnect();
    }
    await statusIs(socket, 'connected');
    assert.deepEqual([await hellos(id), reasons], [['token-2'], ['first', 'first']]);
  });

  it('has failed an attempt when what the function returns is no promise after all', async () => {
    const trap = { get then() { throw new Error('no promise after all'); } };
    const { token, reasons } = provider((call) => (call === 1 ? (trap as unknown as Promise<string>) : `token-${call}`));
    const { id, socket, manager } = attach({ token, backoff: LATE });
    await until(manager, () => row(manager, socket.envId!).reason === 'no promise after all');
    socket.reconnect();
    await statusIs(socket, 'connected');
    assert.deepEqual([await hellos(id), reasons], [['token-2'], ['first', 'first']]);
  });

  for (const [how, token] of [
    ['throws', () => { throw new Error('no session at https://me:pw@auth/?ticket=secret'); }],
    ['rejects', () => Promise.reject(new Error('no session at https://me:pw@auth/?ticket=secret'))],
    ['rejects with anything', () => Promise.reject('no session at https://me:pw@auth/?ticket=secret')],
  ] satisfies [string, Token][]) {
    it(`backs off when it ${how}, says why, and shows no secret`, async () => {
      const { manager, socket } = attach({ token, backoff: LATE });
      const { reason, nextAttemptAt } = await until(manager, () => {
        const now = row(manager, socket.envId!);
        return now.nextAttemptAt !== null && now;
      });
      assert.equal(reason, 'no session at https://…@auth/?ticket=…');
      assert.isAbove(nextAttemptAt!, Date.now());
    });
  }

  it('shows the beginning of a page that is thrown', async () => {
    const page = `no session: ${'<br>'.repeat(50_000)}`;
    const { manager, socket } = attach({ token: () => Promise.reject(page), backoff: LATE });
    const reason = await until(manager, () => {
      const { reason } = row(manager, socket.envId!);
      return reason?.startsWith('no session') && reason;
    });
    assert.equal(reason, `${page.slice(0, 1_000)}…`);
  });

  it('comes through once the function has an answer', async () => {
    const { token, reasons } = provider((call) => {
      if (call < 3) throw new Error('');
      return `token-${call}`;
    });
    const { id, socket } = attach({ token });
    await statusIs(socket, 'connected');
    assert.deepEqual(reasons, ['first', 'first', 'first']);
    assert.deepEqual(await hellos(id), ['token-3']);
  });

  for (const [what, token] of [
    ['throws a PermanentAuthError', () => { throw new PermanentAuthError('signed out'); }],
    ['rejects with one', () => Promise.reject(new PermanentAuthError('signed out'))],
    ["rejects with another copy's", () => Promise.reject(new Lookalike('signed out'))],
  ] satisfies [string, Token][]) {
    it(`has failed when the function ${what}, and tries again when it is told to`, async () => {
      const { token: counted, reasons } = provider((call) => (call === 1 ? token() : `token-${call}`));
      const { id, socket, manager } = attach({ token: counted });
      const failed = next(socket, 'error');
      assert.equal((await next(socket, 'close')).code, 1006);
      await failed;
      assert.include(row(manager, socket.envId!), { status: 'failed', reason: 'signed out' });
      assert.equal((await observed(id)).attempts, 0);
      socket.reconnect();
      await statusIs(socket, 'connected');
      assert.deepEqual(reasons, ['first', 'first']);
    });
  }

  for (const [what, answer] of [
    ['nothing', undefined],
    ['no text', 7],
    ['an empty text', ''],
    ['half a character', '\ud83d'],
    ['more than 8192 bytes', 'é'.repeat(4_097)],
    ['a promise of nothing', Promise.resolve(null)],
  ] as const) {
    it(`has failed when the answer is ${what}`, async () => {
      const { socket, manager } = attach({ token: answering(answer) });
      await next(socket, 'close');
      const reason = 'token must be a text of 1 to 8192 bytes';
      assert.include(row(manager, socket.envId!), { status: 'failed', reason });
    });
  }

  for (const [what, answer] of [
    ['ends with a line', 'token\n'],
    ['begins with a space', ' token'],
    ['has a tab in it', 'to\tken'],
    ['has a space of another script in it', 'to\u3000ken'],
    ['has a control character in it', 'to\0ken'],
  ] as const) {
    it(`has failed when the answer ${what}, and a text is refused`, async () => {
      const { socket, manager } = attach({ token: answering(answer) });
      await next(socket, 'close');
      const reason = 'token must not contain spaces or line breaks';
      assert.include(row(manager, socket.envId!), { status: 'failed', reason });
      assertThrows(() => manager.getConnection('project', 'env', answer), 'TypeError');
      assert.throws(() => manager.getConnection('project', 'env', answer), reason);
    });
  }

  it('takes the longest one', async () => {
    const token = 'é'.repeat(4_096);
    const { id } = await attached({ token: answering(Promise.resolve(token)) });
    assert.deepEqual(await hellos(id), [token]);
  });

  it('has one call under way for a pair, whoever waits for it', async () => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const { token, asked, until: calls } = provider(() => promise);
    const id = newId();
    const manager = newManager({ url: at('/v1', { id }), backoff: SOON, token });
    const first = manager.getConnection('project', 'env');
    await calls(1);
    for (let times = 0; times < 3; times += 1) first.reconnect();
    const closed = next(first, 'close');
    first.close();
    await closed;
    const second = manager.getConnection('project', 'env');
    assert.notEqual(second, first);
    resolve('for-both');
    await statusIs(second, 'connected');
    assert.lengthOf(asked, 1);
    assert.deepEqual(await hellos(id), ['for-both']);
  });

  it("prefers the argument over the option, and that over the manager's", async () => {
    const id = newId();
    const manager = newManager({ url: at('/v1', { id }), token: 'of-the-manager' });
    await statusIs(manager.getConnection('project', 'one'), 'connected');
    await statusIs(manager.getConnection('project', 'two', null, { token: 'of-the-options' }), 'connected');
    await statusIs(manager.getConnection('project', 'three', 'the-argument', { token: 'an-option' }), 'connected');
    assert.deepEqual(await hellos(id, 3), ['of-the-manager', 'of-the-options', 'the-argument']);
  });

  it('gives one that is made alone nothing but its own', async () => {
    const id = newId();
    const url = at('/v1', { id });
    WebSocketManager.configure({ token: 'of-the-page', tokenTransport: 'query' });
    try {
      const { token, asked } = provider();
      const sockets = [
        new EnvSocket(url, undefined, { protocol: 'require' }),
        new EnvSocket(url, undefined, { protocol: 'auto', token }),
      ];
      for (const socket of sockets) await statusIs(socket, 'connected');
      assert.deepEqual([...(await hellos(id, 2))].sort(), [null, 'token-1'].sort());
      assert.deepEqual(asked, [{ projectName: '', envId: '', reason: 'first' }]);
      assert.notInclude(JSON.stringify((await observed(id)).requests), 'token=');
      const closed = sockets.map((socket) => next(socket, 'close'));
      for (const socket of sockets) socket.close();
      await Promise.all(closed);
    } finally {
      WebSocketManager.signOut();
      WebSocketManager.configure({ tokenTransport: 'hello' });
    }
  });

  it('refuses what is neither a text nor a function, by its name', () => {
    const manager = newManager({ url: at('/v1') });
    for (const wrong of [5, '', {}, '\ud83d', true, 'é'.repeat(4_097)] as never[]) {
      assertThrows(() => manager.getConnection('project', 'env', wrong), 'TypeError');
      assert.throws(() => manager.getConnection('project', 'env', wrong), /^token must be/);
      assert.throws(() => manager.configure({ token: wrong }), /^options\.token must be/);
    }
    assert.isEmpty(manager.getSnapshot().connections);
  });
}
