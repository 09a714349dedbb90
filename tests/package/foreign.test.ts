// What the application's own code throws, wherever it is called: it is reported, and harms nobody else.

import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { createWebSocketManager, EnvSocket, type UrlSource, type WebSocketManager } from 'envsocket';

const nowhere = { url: 'ws://127.0.0.1:9/{project}/{env}', backoff: { baseMs: 1, capMs: 1 } };
const NOTHING = { sockets: 0, timers: 0, closures: 0, listeners: 0, retainedBytes: 0 };

/** Where Node reports what listeners throw. */
let reported: unknown[] = [];

beforeEach(() => {
  reported = [];
  vi.spyOn(console, 'error').mockImplementation((error) => void reported.push(error));
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

/** Another pair of the manager fails and is told so, and nothing is held in the end. */
async function worksOn(manager: WebSocketManager): Promise<void> {
  const other = manager.getConnection('another', 'pair', null, { maxRetries: 0 });
  await new Promise((resolve) => other.addEventListener('close', resolve, { once: true }));
  expect(other.status).toBe('failed');
  manager.closeAll();
  await expect.poll(() => manager.debugResources()).toEqual(NOTHING);
}

test('a dispatchEvent in place of its own that throws is not called, and events go on', async () => {
  const manager = createWebSocketManager(nowhere);
  const connection = manager.getConnection('project', 'env', null, { maxRetries: 0 });
  connection.dispatchEvent = () => {
    throw new Error('instrumented');
  };
  const heard: string[] = [];
  connection.addEventListener('statuschange', ({ detail }) => heard.push(detail.status));
  await new Promise((resolve) => connection.addEventListener('close', resolve, { once: true }));
  expect(heard).toEqual(['failed']);
  await worksOn(manager);
});

test('a subclass whose dispatchEvent throws harms nobody', async () => {
  class Loud extends EnvSocket {
    override dispatchEvent(): boolean {
      throw new Error('from a subclass');
    }
  }
  const loud = new Loud(nowhere.url, [], { maxRetries: 0 });
  await new Promise((resolve) => loud.addEventListener('close', resolve, { once: true }));
  await worksOn(createWebSocketManager(nowhere));
});

test('a page whose own dispatchEvent throws hears of it, and connections go on', async () => {
  const manager = createWebSocketManager(nowhere);
  const dispatch = vi.spyOn(EventTarget.prototype, 'dispatchEvent').mockImplementation(() => {
    throw new Error('from the page');
  });
  manager.getConnection('project', 'env');
  dispatch.mockRestore();
  expect(reported).toContainEqual(expect.objectContaining({ message: 'from the page' }));
  await worksOn(manager);
});

test('where reporting throws too, connections go on all the same', async () => {
  const manager = createWebSocketManager(nowhere);
  vi.spyOn(console, 'error').mockImplementation(() => {
    throw new Error('the console is gone');
  });
  const stop = manager.subscribe(() => {
    throw new Error('from a subscriber');
  });
  manager.getConnection('project', 'env');
  stop();
  await worksOn(manager);
});

const unprintable: [string, unknown][] = [
  ['an object that has no text', Object.create(null)],
  [
    'an error whose message cannot be read',
    Object.defineProperty(new Error(), 'message', {
      get() {
        throw new Error('private');
      },
    }),
  ],
  ['a revoked proxy', revoked()],
];

function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

test.each(unprintable)('a url function that throws %s only fails its attempt', async (_, thrown) => {
  const ways: UrlSource[] = [
    () => {
      throw thrown;
    },
    () => Promise.reject(thrown),
    () => ({
      // A promise of its own kind.
      get then(): never {
        throw thrown;
      },
    }) as never,
  ];
  const manager = createWebSocketManager(nowhere);
  const connections = ways.map((url, at) => manager.getConnection('project', `env ${at}`, null, { url }));
  for (const at of connections.keys()) {
    const log = () => manager.getConnectionLog('project', `env ${at}`);
    await expect.poll(() => log().some(({ to }) => to === 'waiting')).toBe(true);
  }
  expect(connections.map(({ status }) => status)).toEqual(['connecting', 'connecting', 'connecting']);
  await worksOn(manager);
});

test('a network flag that throws is reported, and taken for a network', async () => {
  vi.stubGlobal('navigator', {
    get onLine(): never {
      throw new Error('no flag');
    },
  });
  const manager = createWebSocketManager(nowhere);
  expect(manager.getSnapshot().online).toBe(true);
  await worksOn(manager);
});

test('a WebSocket that cannot be used fails its connection, and no other', async () => {
  const native = globalThis.WebSocket;
  vi.stubGlobal('WebSocket', class {
    set binaryType(_: string) {
      throw new Error('not implemented');
    }
  });
  const manager = createWebSocketManager(nowhere);
  const connection = manager.getConnection('project', 'env');
  await new Promise((resolve) => connection.addEventListener('close', resolve, { once: true }));
  expect(manager.getSnapshot().connections[0]).toMatchObject({ status: 'failed', reason: 'not implemented' });
  vi.stubGlobal('WebSocket', native);
  await worksOn(manager);
});
