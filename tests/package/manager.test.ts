// The manager in Node, where there is no page: what needs none works, what needs one says so.

import { expect, test, vi } from 'vitest';

import { createWebSocketManager, EnvSocket, WebSocketManager } from 'envsocket';

const nowhere = { url: 'ws://127.0.0.1:9/{project}/{env}' };

test('a pair never seen is disconnected, and asking makes no connection', () => {
  const manager = createWebSocketManager();
  expect(manager.getConnectionStatus('project', 'env')).toBe('disconnected');
  expect(manager.isConnectionActive('project', 'env')).toBe(false);
  expect(manager.getActiveConnection()).toBeNull();
  expect(manager.getSnapshot().connections).toEqual([]);
});

test('commands on a pair never seen do nothing', () => {
  const manager = createWebSocketManager();
  manager.closeConnection('project', 'env', 1000, 'bye');
  manager.closeProject('project');
  manager.closeAll();
  manager.reconnect('project', 'env');
  expect(manager.getSnapshot().connections).toEqual([]);
});

test('a second call returns the same object, another label-alike pair another one', () => {
  const manager = createWebSocketManager(nowhere);
  const connection = manager.getConnection('a-b', 'c', 'token');
  expect(connection).toBeInstanceOf(EnvSocket);
  expect(manager.getConnection('a-b', 'c')).toBe(connection);
  expect(manager.getConnection('a-b', 'c', 'another-token')).toBe(connection);
  expect(manager.getConnection('a', 'b-c')).not.toBe(connection);
  expect(manager.getSnapshot().connections.map(({ label }) => label)).toEqual(['a-b-c', 'a-b-c']);
  expect([connection.projectName, connection.envId]).toEqual(['a-b', 'c']);
  manager.closeAll();
});

test('two managers know nothing of each other', () => {
  const [one, other] = [createWebSocketManager(nowhere), createWebSocketManager(nowhere)];
  one.getConnection('project', 'env');
  expect(other.getSnapshot().connections).toEqual([]);
  one.closeAll();
});

test('a snapshot is the same object until something in it changes', () => {
  const manager = createWebSocketManager(nowhere);
  const before = manager.getSnapshot();
  expect(manager.getSnapshot()).toBe(before);
  manager.getConnection('project', 'env');
  const after = manager.getSnapshot();
  expect(after).not.toBe(before);
  expect(manager.getSnapshot()).toBe(after);
  manager.setActiveConnection('project', 'env');
  expect(manager.getSnapshot().active).toBe(manager.getSnapshot().connections[0]);
  manager.closeAll();
});

test('what has not changed of a snapshot stays the same object', () => {
  const manager = createWebSocketManager(nowhere);
  manager.getConnection('project', 'first');
  const [first] = manager.getSnapshot().connections;
  manager.getConnection('project', 'second');
  const { connections } = manager.getSnapshot();
  expect(connections[0]).toBe(first);
  manager.setActiveConnection('project', 'second');
  const after = manager.getSnapshot();
  expect(after.connections[0]).toBe(first);
  expect(after.connections[1]).not.toBe(connections[1]);
  expect(Object.isFrozen(after) && Object.isFrozen(after.connections) && Object.isFrozen(first)).toBe(true);
  manager.closeAll();
});

test('a listener sees its own changes in the snapshot at once', () => {
  const manager = createWebSocketManager(nowhere);
  const seen: number[] = [];
  const stop = manager.subscribe(() => {
    if (seen.length === 0) manager.getConnection('project', 'second');
    seen.push(manager.getSnapshot().connections.length);
  });
  manager.getConnection('project', 'first');
  expect(seen).toEqual([2, 2]);
  stop();
  manager.closeAll();
});

test('a connection can be used by the listener that its making calls', () => {
  const manager = createWebSocketManager(nowhere);
  manager.getConnection('project', 'first');
  const seen: unknown[] = [];
  const stop = manager.subscribe(() => {
    const second = manager.getConnection('project', 'second');
    second.send('for the second');
    seen.push(second.url, second.bufferedAmount);
    stop();
  });
  manager.getConnection('project', 'second');
  expect(seen).toEqual(['ws://127.0.0.1:9/project/second', 14]);
  expect(manager.getConnection('project', 'first').bufferedAmount).toBe(0);
  manager.closeAll();
});

test('a second life begins with all that was asked of the first', async () => {
  const manager = createWebSocketManager(nowhere);
  const connection = manager.getConnection('project', 'env');
  manager.getConnection('project', 'env', null, { url: 'ws://127.0.0.1:9/other' });
  connection.binaryType = 'arraybuffer';
  const closed = new Promise((resolve) => connection.addEventListener('close', resolve, { once: true }));
  connection.close();
  await closed;
  connection.reconnect();
  expect([connection.url, connection.binaryType]).toEqual(['ws://127.0.0.1:9/other', 'arraybuffer']);
  manager.closeAll();
});

test('a listener that throws is reported and stops nobody', () => {
  const report = vi.spyOn(console, 'error').mockImplementation(() => {});
  const manager = createWebSocketManager(nowhere);
  const calls: string[] = [];
  const stop = manager.subscribe(() => {
    throw new Error('from a listener');
  });
  manager.subscribe(() => void calls.push('second'));
  manager.getConnection('project', 'env');
  expect(calls).toEqual(['second']);
  expect(report).toHaveBeenCalledWith(expect.objectContaining({ message: 'from a listener' }));
  stop();
  manager.closeAll();
  report.mockRestore();
});

test('subscribing does not call back, unsubscribing is final', () => {
  const manager = createWebSocketManager(nowhere);
  const callback = vi.fn();
  const stop = manager.subscribe(callback);
  const stopPoll = manager.pollStatus(callback);
  expect(callback).not.toHaveBeenCalled();
  stop();
  stopPoll();
  manager.getConnection('project', 'env');
  expect(callback).not.toHaveBeenCalled();
  manager.closeAll();
});

test('without a page a relative URL is refused by name', () => {
  expect(() => createWebSocketManager().getConnection('project', 'env')).toThrow(
    expect.objectContaining({
      name: 'SyntaxError',
      message: 'options.url is no URL that a page could resolve: /ws/project/env',
    }),
  );
});

test('bad arguments are type errors that name them, and change nothing', () => {
  const manager = createWebSocketManager(nowhere);
  const wrong = (call: () => void) => expect(call).toThrow(TypeError);
  wrong(() => manager.getConnection('', 'env'));
  wrong(() => manager.getConnection('project', 'a\u0007'));
  wrong(() => manager.getConnection('project', 'env', 5 as never));
  wrong(() => manager.setActiveConnection('project', ''));
  wrong(() => manager.getConnectionStatus(undefined as never, 'env'));
  wrong(() => manager.pollStatus(() => {}, Number.NaN));
  wrong(() => manager.subscribe(undefined as never));
  wrong(() => manager.pollStatus('callback' as never));
  wrong(() => manager.closeProject('half a pair \ud83d'));
  expect(() => manager.closeConnection('project', 'env', 1001)).toThrow(
    expect.objectContaining({ name: 'InvalidAccessError' }),
  );
  expect(manager.getSnapshot().connections).toEqual([]);
});

test('where there is no WebSocket a connection fails in a later turn and says why', async () => {
  vi.stubGlobal('WebSocket', undefined);
  const connection = createWebSocketManager(nowhere).getConnection('project', 'env');
  const heard: string[] = [];
  connection.addEventListener('error', () => heard.push('error'));
  await new Promise((closed) => connection.addEventListener('close', closed, { once: true }));
  expect([...heard, connection.status, connection.readyState]).toEqual(['error', 'failed', 3]);
  vi.unstubAllGlobals();
});

test.each(['closeAll', 'closeProject'] as const)('%s begins no handshake of those that waited', (way) => {
  let [made, closed] = [0, 0];
  vi.stubGlobal('WebSocket', class {
    readonly readyState = 0;
    constructor() {
      made += 1;
    }
    close() {
      closed += 1;
    }
  });
  const manager = createWebSocketManager(nowhere);
  for (let env = 0; env < 20; env += 1) manager.getConnection('project', `env ${env}`);
  expect(made).toBe(4);
  manager[way]('project');
  expect([made, closed]).toEqual([4, 4]);
  vi.unstubAllGlobals();
});

test('a reloaded module finds the connections of the page', async () => {
  WebSocketManager.configure(nowhere);
  const connection = WebSocketManager.getConnection('project', 'env');
  vi.resetModules();
  const reloaded = await import('envsocket');
  expect(reloaded.WebSocketManager.getConnection('project', 'env')).toBe(connection);
  WebSocketManager.closeAll();
});
