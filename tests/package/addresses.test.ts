// A `url` that is a function: asked at each attempt, with what can go wrong in it.

import { expect, test } from 'vitest';

import { createWebSocketManager, type EnvSocket, type UrlSource } from 'envsocket';

/** The pair's connection with this `url`, and the manager to look at it. */
function connect(url: UrlSource) {
  const manager = createWebSocketManager({ backoff: { baseMs: 1, capMs: 1 } });
  const connection = manager.getConnection('project', 'env one', null, { url });
  return { manager, connection };
}

function once(connection: EnvSocket, type: 'close' | 'statuschange'): Promise<unknown> {
  return new Promise((resolve) => connection.addEventListener(type, resolve, { once: true }));
}

test('it is asked with the names as they are, and its answer becomes the url', () => {
  const asked: unknown[] = [];
  const { manager, connection } = connect((key) => {
    asked.push(key);
    return new URL('https://127.0.0.1:9/path?token=1');
  });
  expect(asked).toEqual([{ projectName: 'project', envId: 'env one' }]);
  expect(connection.url).toBe('wss://127.0.0.1:9/path?token=1');
  manager.closeAll();
});

test('until it has answered there is no url', async () => {
  let answer: (url: string) => void = () => {};
  const { manager, connection } = connect(() => new Promise((resolve) => (answer = resolve)));
  expect([connection.url, connection.status]).toEqual(['', 'connecting']);
  answer('ws://127.0.0.1:9/later');
  await expect.poll(() => connection.url).toBe('ws://127.0.0.1:9/later');
  manager.closeAll();
});

test.each<[string, UrlSource]>([
  [
    'throws',
    () => {
      throw new Error('no ticket');
    },
  ],
  ['rejects', () => Promise.reject(new Error('no ticket'))],
])('one that %s is asked again, and the error is the reason', async (_, url) => {
  let asked = 0;
  const { manager, connection } = connect((key) => {
    asked += 1;
    return typeof url === 'function' ? url(key) : url;
  });
  await expect.poll(() => asked).toBeGreaterThan(2);
  expect(connection.status).toBe('connecting');
  const reasons = manager.getConnectionLog('project', 'env one').map(({ because }) => because);
  expect(reasons.some((because) => because.includes('no ticket'))).toBe(true);
  manager.closeAll();
});

test.each<[string, UrlSource, string]>([
  [
    'is no WebSocket URL',
    () => 'ftp://host/',
    'options.url must be a ws, wss, http or https URL: ftp://host/',
  ],
  ['is no text', () => 5 as never, 'options.url must return a string or a URL'],
])('an answer that %s is final', async (_, url, reason) => {
  const { manager, connection } = connect(url);
  await once(connection, 'close');
  expect(connection.status).toBe('failed');
  expect(manager.getSnapshot().connections[0]?.reason).toBe(reason);
  manager.closeAll();
});

const WAYS = ['throws', 'rejects with', 'answers'];

test.each(WAYS)('what it %s shows no secret of a URL, neither as reason nor in the log', async (way) => {
  const quoted = 'https://me:SECRET@api/tickets?token=SECRET&b=SECRET';
  const { manager } = connect(() => {
    if (way === 'throws') throw new Error(`401 from ${quoted}`);
    return way === 'rejects with' ? Promise.reject(new Error(`401 from ${quoted}`)) : `ftp${quoted.slice(5)}`;
  });
  const log = () => manager.getConnectionLog('project', 'env one');
  await expect.poll(() => log().some(({ because }) => because.includes('token=…'))).toBe(true);
  expect(JSON.stringify([log(), manager.getSnapshot()])).not.toContain('SECRET');
  manager.closeAll();
});

test('a template keeps only what RFC 3986 reserves nothing of, whatever is in a name', () => {
  const manager = createWebSocketManager({ url: 'ws://127.0.0.1:9/{project}/{env}/{project}' });
  const { url } = manager.getConnection("a!'()*b", '-._~ /?#%日');
  expect(url).toBe(
    'ws://127.0.0.1:9/a%21%27%28%29%2Ab/-._~%20%2F%3F%23%25%E6%97%A5/a%21%27%28%29%2Ab',
  );
  manager.closeAll();
});
