// What a manager tells of itself: metrics, the log, what it holds, and what it says when it is debugged.

import { expect, test, vi } from 'vitest';

import { createWebSocketManager, WebSocketManager } from 'envsocket';

const { redact } = (await import(
  new URL('./url.js', import.meta.resolve('envsocket')).href
)) as { redact: (text: string) => string };

const nowhere = { url: 'ws://127.0.0.1:9/{project}/{env}?token=secret' };

test('metrics begin at nothing', () => {
  const metrics = createWebSocketManager().getMetrics();
  expect(metrics).toEqual({
    attempts: 0,
    opens: 0,
    reconnects: 0,
    failures: {},
    messagesIn: 0,
    messagesOut: 0,
    bytesIn: 0,
    bytesOut: 0,
    connectedMs: 0,
    queuedBytes: 0,
    rttMs: null,
    questions: { active: 0, waiting: 0, asked: 0, answered: 0, failed: 0, errorRate: 0, processingMs: null },
    resumed: 0,
    replayed: 0,
    lost: 0,
    discarded: 0,
    connections: {},
    switches: { count: 0, p50Us: 0, p99Us: 0 },
  });
});

test('each pair has metrics of its own, label-alikes too, and the totals add up', () => {
  const manager = createWebSocketManager(nowhere);
  manager.getConnection('a-b', 'c').send('12345');
  manager.getConnection('a', 'b-c').send('日本');
  manager.getConnection('a/b', '日');
  manager.setActiveConnection('a', 'b-c');
  const { connections, attempts, queuedBytes, switches } = manager.getMetrics();
  expect(Object.keys(connections).sort()).toEqual(['a%2Fb/%E6%97%A5', 'a-b/c', 'a/b-c']);
  expect([connections['a-b/c']?.queuedBytes, connections['a/b-c']?.queuedBytes]).toEqual([5, 6]);
  expect([attempts, queuedBytes, switches.count]).toEqual([3, 11, 1]);
  manager.closeAll();
});

test('the log tells the transitions with their times and reasons, oldest first', () => {
  const manager = createWebSocketManager(nowhere);
  expect(manager.getConnectionLog('project', 'env')).toEqual([]);
  const before = Date.now();
  manager.getConnection('project', 'env');
  const log = manager.getConnectionLog('project', 'env');
  expect(log.length).toBeGreaterThan(0);
  for (const { at, from, to, because } of log) {
    expect(at).toBeGreaterThanOrEqual(before);
    expect([typeof from, typeof to, typeof because]).toEqual(['string', 'string', 'string']);
  }
  log.slice(1).forEach(({ from }, index) => expect(from).toBe(log[index]?.to));
  manager.closeAll();
});

test('the log outlives its connection, and goes on with the next one of the pair', async () => {
  const manager = createWebSocketManager(nowhere);
  const connection = manager.getConnection('project', 'env');
  const closed = new Promise((resolve) => connection.addEventListener('close', resolve, { once: true }));
  manager.closeConnection('project', 'env');
  await closed;
  const before = manager.getConnectionLog('project', 'env');
  expect(before.at(-1)).toMatchObject({ to: 'ended', because: 'closed' });
  manager.getConnection('project', 'env');
  expect(manager.getConnectionLog('project', 'env').slice(0, before.length)).toEqual(before);
  manager.closeAll();
});

test('who is called back is counted under the listeners, until it ends its subscription', () => {
  const manager = createWebSocketManager(nowhere);
  const stops = [manager.subscribe(() => {}), manager.subscribe(() => {}), manager.pollStatus(() => {})];
  expect(manager.debugResources()).toMatchObject({ listeners: 3, timers: 1 });
  manager.closeAll();
  for (const stop of stops) stop();
  expect(Object.values(manager.debugResources())).toEqual([0, 0, 0, 0, 0]);
});

test('nothing is held after closeAll', async () => {
  const manager = createWebSocketManager(nowhere);
  const connections = ['one', 'two', 'three'].map((env) => manager.getConnection('project', env));
  for (const connection of connections) connection.send('queued');
  const closed = connections.map(
    (connection) => new Promise((resolve) => connection.addEventListener('close', resolve, { once: true })),
  );
  expect(manager.debugResources().retainedBytes).toBeGreaterThan(0);
  manager.closeAll();
  await Promise.all(closed);
  const none = { sockets: 0, timers: 0, closures: 0, listeners: 0, retainedBytes: 0 };
  await expect.poll(() => manager.debugResources()).toEqual(none);
});

test('debugging tells the console what happens, and no secret', async () => {
  const lines: string[] = [];
  const debug = vi.spyOn(console, 'debug').mockImplementation((line) => void lines.push(line));
  performance.clearMeasures();
  const manager = createWebSocketManager(nowhere);
  manager.getConnection('project', 'silent');
  expect(lines).toEqual([]);
  manager.configure({ debug: true });
  const connection = manager.getConnection('project', 'env');
  manager.setActiveConnection('project', 'env');
  const closed = new Promise((resolve) => connection.addEventListener('close', resolve, { once: true }));
  connection.close();
  await closed;
  manager.closeAll();
  debug.mockRestore();
  expect(lines.every((line) => line.startsWith('envsocket project-'))).toBe(true);
  const attempt = 'attempt 1 ws://127.0.0.1:9/project/env?token=… connecting';
  expect(lines).toContain(`envsocket project-env: ${attempt}`);
  expect(lines.join()).not.toContain('secret');
  const measured = performance.getEntriesByType('measure').map(({ name }) => name);
  expect(measured).toEqual(['envsocket switch project-env']);
});

test.each([
  ['wss://user:pass@host/path?a=1&b=&c#', 'wss://…@host/path?a=…&b=…&…#'],
  ['no URL: /ws/a?ticket', 'no URL: /ws/a?…'],
  ['ws://host/path/a@b', 'ws://host/path/a@b'],
  ['why? because of A & B?', 'why? because of A & B?'],
])('%s is shown as %s', (text, shown) => {
  expect(redact(text)).toBe(shown);
});

test('the manager of the page is observed as any other', () => {
  expect(WebSocketManager.getMetrics().attempts).toBe(0);
  expect(WebSocketManager.debugResources().sockets).toBe(0);
});
