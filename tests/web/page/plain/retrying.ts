// Attempts: when the next one comes, where it goes, and when there is none.

import { assert } from 'chai';
import { next, story } from '../support/events';
import { BEFORE_IT_WAITS, connection, LATE, newManager, row, SOON, statusIs, until } from '../support/manager';
import { at, control, newId, observed } from '../support/server';

export function retrying(): void {
  it("looks as the platform's WebSocket when a handshake is refused for good", async () => {
    const id = newId();
    const { socket } = connection({ url: at('/refused', { status: 401, id }), maxRetries: 0 });
    const { code, reason, wasClean } = await next(socket, 'close');
    assert.deepEqual([code, reason, wasClean], [1006, '', false]);
    assert.equal(socket.status, 'failed');
    assert.equal((await observed(id)).attempts, BEFORE_IT_WAITS);
  });

  it('tries again in silence, and ends in one error and one close', async () => {
    const id = newId();
    const { socket } = connection({ url: at('/refused', { status: 503, id }), maxRetries: 3, backoff: SOON });
    assert.deepEqual(await story(socket as unknown as WebSocket), ['error in 3', 'close 1006 "" unclean in 3']);
    assert.equal((await observed(id)).attempts, BEFORE_IT_WAITS + 3);
  });

  it('opens at the attempt that succeeds', async () => {
    const id = newId();
    await control(id, 'refuse', { times: 2 });
    const { socket, snapshot } = connection({ url: at('/echo', { id }), backoff: SOON });
    await next(socket, 'open');
    assert.equal((await observed(id)).attempts, 3);
    assert.equal(snapshot().status, 'connected');
    assert.isNull(snapshot().nextAttemptAt);
  });

  it('jitters its delays, for each attempt anew', async () => {
    const baseMs = 100_000;
    const url = at('/refused', { status: 503 });
    // Browsers slow down what is refused often: no attempts beside those that are looked at.
    const manager = newManager({ url, protocol: 'off', backoff: { baseMs, capMs: baseMs } });
    const envs = Array.from({ length: 30 }, () => newId());
    for (const env of envs) manager.getConnection('project', env);
    const delays = await Promise.all(
      envs.map((env) =>
        until(manager, () => {
          const { nextAttemptAt } = row(manager, env);
          return nextAttemptAt !== null && { delay: nextAttemptAt - Date.now() };
        }),
      ),
    );
    const all = delays.map(({ delay }) => delay).sort((a, b) => a - b);
    assert.isAtMost(all.at(-1)!, baseMs);
    // Of 30 draws from the whole range, all are in one half once in half a milliard runs.
    assert.isBelow(all[0]!, baseMs / 2);
    assert.isAbove(all.at(-1)!, baseMs / 2);
    assert.isAbove(new Set(all.map(Math.round)).size, 25);
  });

  it('keeps to the retry-after of a close reason', async () => {
    const url = at('/close', { code: 1013, reason: 'retry-after: 1' });
    const { manager, snapshot } = connection({ url, backoff: SOON });
    const { wait } = await until(manager, () => {
      const { nextAttemptAt } = snapshot();
      return nextAttemptAt !== null && { wait: nextAttemptAt - Date.now() };
    });
    assert.isAbove(wait, 900, 'its own delay would be 1 ms at most');
  });

  it('opens four sockets of an origin at a time', async () => {
    const id = newId();
    const manager = newManager({ url: at('/hang', { id }) });
    const envs = Array.from({ length: 7 }, () => newId());
    const sockets = envs.map((env) => manager.getConnection('project', env));
    const inState = (state: string) =>
      envs.filter((env) => manager.getConnectionLog('project', env).at(-1)?.to === state).length;
    assert.equal(inState('opening'), 4);
    assert.equal(inState('queued'), 3);
    for (const socket of sockets.slice(0, 4)) socket.close();
    assert.equal(inState('opening'), 3, 'the next ones go when the first are gone');
  });

  it('asks its URL function for each attempt, and says for whom', async () => {
    const id = newId();
    await control(id, 'refuse', { times: 2 });
    const asked: object[] = [];
    const manager = newManager({
      backoff: SOON,
      url: (key) => {
        asked.push(key);
        return at('/echo', { id, attempt: asked.length });
      },
    });
    const socket = manager.getConnection('my project', 'env/1');
    await next(socket, 'open');
    assert.deepEqual(asked, Array(3).fill({ projectName: 'my project', envId: 'env/1' }));
    const { requests } = await observed(id);
    assert.deepEqual(requests.map(({ path }) => /attempt=(\d)/.exec(path)?.[1]), ['1', '2', '3']);
    assert.match(socket.url, /attempt=3/);
  });

  it('takes a promise of a URL', async () => {
    const { socket } = connection({ url: async () => new URL(at('/echo')) });
    await next(socket, 'open');
  });

  it('gives an attempt up whose URL never comes', async () => {
    let asked = 0;
    const url = () => {
      asked += 1;
      return new Promise<string>(() => {});
    };
    const { socket } = connection({ url, connectTimeoutMs: 20, maxRetries: 1, backoff: SOON });
    await next(socket, 'close');
    assert.equal(asked, 2);
    assert.equal(socket.status, 'failed');
  });

  it('gives an attempt up whose handshake hangs', async () => {
    const id = newId();
    const { socket } = connection({ url: at('/hang', { id }), connectTimeoutMs: 200, maxRetries: 1, backoff: SOON });
    assert.deepEqual(await story(socket as unknown as WebSocket), ['error in 3', 'close 1006 "" unclean in 3']);
    assert.equal((await observed(id)).attempts, 2);
  });

  it('tries again when its URL function fails, with its words for the reason', async () => {
    let asked = 0;
    const url = () => {
      asked += 1;
      if (asked === 1) throw new Error('no address today');
      return at('/echo');
    };
    const reasons: unknown[] = [];
    const { socket } = connection({ url, backoff: SOON });
    socket.addEventListener('statuschange', ({ detail }) => reasons.push(detail.reason));
    const { manager, snapshot } = connection({ url: () => Promise.reject(new Error('nor tomorrow')), backoff: LATE });
    await until(manager, () => snapshot().reason?.includes('nor tomorrow'));
    await next(socket, 'open');
    assert.equal(asked, 2);
  });

  it('fails for good when its URL function answers with no URL', async () => {
    let asked = 0;
    const { socket } = connection({ url: () => ((asked += 1), 'x://nowhere'), backoff: SOON });
    await next(socket, 'close');
    assert.equal(socket.status, 'failed');
    assert.equal(asked, 1);
  });

  for (const code of [1001, 1011, 1012, 1013, 1014, 3000, 4000, 4413, 4429]) {
    it(`comes back after the server's ${code}`, async () => {
      const id = newId();
      const { socket } = connection({ url: at('/echo', { id }), backoff: SOON });
      await next(socket, 'open');
      const reopened = next(socket, 'open');
      await control(id, 'close', { code });
      await reopened;
      assert.equal((await observed(id)).attempts, 2);
    });
  }

  for (const [code, status] of [
    [1000, 'disconnected'],
    [1002, 'failed'],
    [1003, 'failed'],
    [1007, 'failed'],
    [1008, 'failed'],
    [1009, 'failed'],
    [4403, 'failed'],
    [4404, 'failed'],
    [4409, 'failed'],
    [4410, 'disconnected'],
  ] as const) {
    it(`is over after the server's ${code}, and ${status}`, async () => {
      const { socket } = connection({ url: at('/close', { code, reason: 'so be it' }), backoff: SOON });
      const closed = await next(socket, 'close');
      assert.deepEqual([closed.code, closed.reason, closed.wasClean], [code, 'so be it', true]);
      assert.equal(socket.status, status);
    });
  }

  it('asks shouldReconnect instead of its own rules', async () => {
    const id = newId();
    const asked: CloseEvent[] = [];
    const shouldReconnect = (event: CloseEvent) => (asked.push(event), event.code === 1000);
    const { socket } = connection({ url: at('/echo', { id }), backoff: SOON, shouldReconnect });
    await next(socket, 'open');
    const reopened = next(socket, 'open');
    await control(id, 'close', { code: 1000, reason: 'not final' });
    await reopened;
    const closed = next(socket, 'close');
    await control(id, 'close', { code: 1012, reason: 'final' });
    const { code, reason } = await closed;
    assert.deepEqual([code, reason], [1012, 'final']);
    assert.deepEqual(asked.map(({ code, reason, wasClean }) => [code, reason, wasClean]), [
      [1000, 'not final', true],
      [1012, 'final', true],
    ]);
    assert.instanceOf(asked[0], CloseEvent);
  });

  it('tries again at once when the network is back', async () => {
    const id = newId();
    await control(id, 'refuse', { times: BEFORE_IT_WAITS });
    const { socket, manager, snapshot } = connection({ url: at('/echo', { id }), backoff: LATE });
    await until(manager, () => snapshot().nextAttemptAt);
    window.dispatchEvent(new Event('online'));
    await statusIs(socket, 'connected');
  });
}
