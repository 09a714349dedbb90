// What options may say, which of them wins, and how a wrong one is refused: by its name, and before
// anything changes.

import { expect, test } from 'vitest';

import { type ConnectionOptions, createWebSocketManager, EnvSocket, type ManagerOptions } from 'envsocket';

const nowhere = 'ws://127.0.0.1:9/{project}/{env}';

const refused: [options: unknown, message: string][] = [
  ['options', 'options must be an object'],
  [{ connectTimeoutMs: 0 }, 'options.connectTimeoutMs must be a finite number, 1 or more'],
  [{ reconnectTimeoutMs: Infinity }, 'options.reconnectTimeoutMs must be a finite number, 1 or more'],
  [{ backoff: 5 }, 'options.backoff must be an object'],
  [{ backoff: { baseMs: '250' } }, 'options.backoff.baseMs must be a finite number, 0 or more'],
  [{ backoff: { factor: 0 } }, 'options.backoff.factor must be a number, 1 or more'],
  [{ maxRetries: -1 }, 'options.maxRetries must be a number, 0 or more'],
  [{ maxRetries: null }, 'options.maxRetries must be a number, 0 or more'],
  [{ maxQueuedBytes: NaN }, 'options.maxQueuedBytes must be a number, 0 or more'],
  [{ maxConnections: 0 }, 'options.maxConnections must be a number, 1 or more'],
  [{ idleTimeoutMs: -1 }, 'options.idleTimeoutMs must be a finite number, 0 or more'],
  [{ statusIntervalMs: 0 }, 'options.statusIntervalMs must be a finite number, 1 or more'],
  [{ queuePolicy: 'dropNewest' }, "options.queuePolicy must be 'throw' or 'dropOldest'"],
  [{ binaryType: 'bytes' }, "options.binaryType must be 'blob' or 'arraybuffer'"],
  [{ protocol: 'plain' }, "options.protocol must be 'auto' or 'require' or 'off'"],
  [{ protocol: null }, "options.protocol must be 'auto' or 'require' or 'off'"],
  [
    { protocol: 'require', protocols: 'own' },
    "options.protocol cannot be 'require' beside protocols: they take the offer's place",
  ],
  [{ maxInputAgeMs: -1 }, 'options.maxInputAgeMs must be a finite number, 0 or more'],
  [{ maxInputAgeMs: Infinity }, 'options.maxInputAgeMs must be a finite number, 0 or more'],
  [{ shouldReconnect: true }, 'options.shouldReconnect must be a function'],
  [{ heartbeat: true }, 'options.heartbeat must be false or an object'],
  [{ heartbeat: { message: 'ping', intervalMs: 10 } }, 'options.heartbeat.timeoutMs must be a finite number'],
  [{ heartbeat: { intervalMs: 10, timeoutMs: 10 } }, 'options.heartbeat.message must be what to send'],
  [{ token: 5 }, 'options.token must be a text of 1 to 8192 bytes, or a function'],
  [{ token: 'a line\n' }, 'options.token must not contain spaces or line breaks'],
  [{ token: null }, 'options.token must be a text of 1 to 8192 bytes, or a function'],
  [{ token: '' }, 'options.token must be a text of 1 to 8192 bytes, or a function'],
  [{ token: 'half a pair \ud83d' }, 'options.token must be a text of 1 to 8192 bytes, or a function'],
  [{ token: 'é'.repeat(4_097) }, 'options.token must be a text of 1 to 8192 bytes, or a function'],
  [
    { tokenTransport: 'header' },
    "options.tokenTransport must be 'none' or 'hello' or 'query' or 'subprotocol' or 'firstMessage'",
  ],
  [{ allowInsecureToken: 'false' }, 'options.allowInsecureToken must be true or false'],
  [{ url: 5 }, 'options.url must be a string or a function'],
  [{ protocols: [5] }, 'protocols must be a string or an array of strings'],
  [
    { protocols: ['own', 'envsocket.v1'] },
    "protocols must not name 'envsocket.v1': set options.protocol to 'require' instead",
  ],
];

test.each(refused)('%j is a type error that names the option', (options, message) => {
  const manager = createWebSocketManager({ url: nowhere });
  const wrong = options as ConnectionOptions;
  for (const call of [
    () => manager.configure(wrong),
    () => manager.getConnection('project', 'env', null, wrong),
    () => new EnvSocket('ws://127.0.0.1:9/', undefined, wrong),
  ]) {
    expect(call).toThrow(TypeError);
    expect(call).toThrow(message);
  }
  expect(manager.getSnapshot().connections).toEqual([]);
});

test.each([
  [{ protocols: 'with space' }, 'protocols must be names without spaces and separators'],
  [{ protocols: ['twice', 'twice'] }, 'protocols must not name one twice'],
  [{ url: 'ftp://host/' }, 'options.url must be a ws, wss, http or https URL: ftp://host/'],
  [{ url: 'ws://host/#' }, 'options.url must not have a fragment: ws://host/#'],
  [{ url: 'ws://me:pw@host/?ticket=a#' }, 'options.url must not have a fragment: ws://…@host/?ticket=…#'],
  [{ url: 'ws://' }, 'options.url is no URL that a page could resolve: ws://'],
])('%j is a syntax error', (options, message) => {
  const manager = createWebSocketManager({ url: nowhere });
  const wrong = expect.objectContaining({ name: 'SyntaxError', message });
  expect(() => manager.configure(options)).toThrow(wrong);
  expect(() => manager.getConnection('project', 'env', null, options)).toThrow(wrong);
  const connection = manager.getConnection('project', 'env');
  expect(() => manager.getConnection('project', 'env', null, options)).toThrow(wrong);
  expect(connection.url).toBe('ws://127.0.0.1:9/project/env');
  manager.closeAll();
});

test('what is left out, undefined or unknown says nothing', () => {
  const options = { maxRetries: undefined, backoff: { capMs: undefined }, tokenColour: 'blue' };
  const manager = createWebSocketManager({ url: nowhere, ...options } as ManagerOptions);
  manager.configure({});
  manager.configure(undefined as never);
  expect(manager.getConnection('project', 'env', null, undefined).url).toBe('ws://127.0.0.1:9/project/env');
  manager.closeAll();
});

test("the constructor's subprotocols leave no room for the resume protocol's", () => {
  const make = () => new EnvSocket('ws://127.0.0.1:9/', ['own'], { protocol: 'require' });
  expect(make).toThrow(TypeError);
  expect(make).toThrow("options.protocol cannot be 'require' beside protocols: they take the offer's place");
  new EnvSocket('ws://127.0.0.1:9/', [], { protocol: 'require' }).close();
  new EnvSocket('ws://127.0.0.1:9/', ['own'], { protocol: 'auto' }).close();
});

test("a terminal's size is whole cells, and anything else is a type error that names the argument", () => {
  const socket = new EnvSocket('ws://127.0.0.1:9/');
  expect(socket.resize(1, 65_535)).toBe(undefined);
  expect(() => socket.resize(0, 24)).toThrow(new TypeError('cols must be a whole number from 1 to 65535'));
  expect(() => socket.resize(80, 24.5)).toThrow(new TypeError('rows must be a whole number from 1 to 65535'));
  socket.close();
  socket.resize(80, 24);
});

test("a connection's own option wins over the manager's, and that over the default", () => {
  const manager = createWebSocketManager({ url: nowhere });
  expect(manager.getConnection('project', 'default').binaryType).toBe('blob');
  manager.configure({ binaryType: 'arraybuffer' });
  expect(manager.getConnection('project', 'default').binaryType).toBe('blob');
  expect(manager.getConnection('project', 'manager').binaryType).toBe('arraybuffer');
  expect(manager.getConnection('project', 'own', null, { binaryType: 'blob' }).binaryType).toBe('blob');
  manager.closeAll();
});

test('without retries and protocol send throws before the open, else it queues', () => {
  const letter = { maxRetries: 0, protocol: 'off' } as const;
  const manager = createWebSocketManager({ url: nowhere });
  const early = expect.objectContaining({ name: 'InvalidStateError' });
  expect(() => manager.getConnection('project', 'letter', null, letter).send('early')).toThrow(early);
  // Subprotocols of one's own say 'off', too.
  const named = manager.getConnection('project', 'named', null, { maxRetries: 0, protocols: 'own' });
  expect(() => named.send('early')).toThrow(early);
  const own = createWebSocketManager({ url: nowhere, protocols: 'own', maxRetries: 0 });
  expect(() => own.getConnection('project', 'own').send('early')).toThrow(early);
  own.getConnection('project', 'resuming', null, { protocol: 'auto' }).send('early');
  own.closeAll();
  manager.getConnection('project', 'retries', null, { protocol: 'off' }).send('early');
  manager.getConnection('project', 'protocol', null, { maxRetries: 0 }).send('early');
  const alone = new EnvSocket('ws://127.0.0.1:9/', [], { maxRetries: 0 });
  expect(() => alone.send('early')).toThrow(early);
  alone.close();
  manager.closeAll();
});

test('past maxQueuedBytes the policy decides', () => {
  const manager = createWebSocketManager({ url: nowhere, maxQueuedBytes: 6 });
  const throwing = manager.getConnection('project', 'throw');
  throwing.send('日本');
  expect(throwing.bufferedAmount).toBe(6);
  expect(() => throwing.send('!')).toThrow(expect.objectContaining({ name: 'QuotaExceededError' }));
  expect(throwing.drain()).toEqual(['日本']);
  expect(throwing.bufferedAmount).toBe(0);

  const dropping = manager.getConnection('project', 'drop', null, { queuePolicy: 'dropOldest' });
  const discarded: unknown[] = [];
  dropping.addEventListener('discarded', ({ detail }) => discarded.push(detail.messages, detail.bytes));
  dropping.send('old');
  dropping.send('newer');
  expect(discarded).toEqual([1, 3]);
  expect(dropping.drain()).toEqual(['newer']);
  manager.closeAll();
});

test('what was queued can be taken back once, also after the close', async () => {
  const manager = createWebSocketManager({ url: nowhere });
  const connection = manager.getConnection('project', 'env');
  const bytes = new Uint8Array([1, 2]);
  connection.send('text');
  connection.send(bytes);
  bytes[0] = 9;
  const closed = new Promise((resolve) => connection.addEventListener('close', resolve, { once: true }));
  connection.close();
  await closed;
  expect(connection.drain()).toEqual(['text', new Uint8Array([1, 2])]);
  expect(connection.drain()).toEqual([]);
});
