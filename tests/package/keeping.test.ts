// What `drain` gives back, and how much of it there can be.

import { expect, test } from 'vitest';

import { createWebSocketManager, type EnvSocket, type Payload } from 'envsocket';

const { Kept } = (await import(new URL('./kept.js', import.meta.resolve('envsocket')).href)) as {
  Kept: new () => { add(messages: Payload[], limit: number): void; take(): Payload[] };
};

/** A connection that fails at once, and what has it fail again. */
function failing(maxQueuedBytes: number): EnvSocket {
  const url = () => {
    throw new Error('no ticket');
  };
  const manager = createWebSocketManager({ url, maxQueuedBytes, maxRetries: 0 });
  return manager.getConnection('project', 'env');
}

function closed(connection: EnvSocket): Promise<unknown> {
  return new Promise((resolve) => connection.addEventListener('close', resolve, { once: true }));
}

test('what is kept is bounded in bytes, and the oldest go first', () => {
  const kept = new Kept();
  kept.add(['1234', '日本'], 10);
  kept.add([new Uint8Array(3)], 10);
  kept.add(['9'], 10);
  expect(kept.take()).toEqual(['日本', new Uint8Array(3), '9']);
  expect(kept.take()).toEqual([]);
});

test('empty messages are bounded too, in number', () => {
  const kept = new Kept();
  kept.add(Array(20).fill(''), 10);
  expect(kept.take()).toHaveLength(10);
});

test('a queue of very many small messages is kept whole', () => {
  const kept = new Kept();
  kept.add(Array(500_000).fill('x'), 1 << 20);
  expect(kept.take()).toHaveLength(500_000);
});

test('a new life forgets what the old one kept', async () => {
  const connection = failing(100);
  for (const life of ['first', 'second']) {
    connection.send(`of the ${life} life`);
    await closed(connection);
    if (life === 'first') connection.reconnect();
  }
  expect(connection.drain()).toEqual(['of the second life']);
});

test('what was kept at the end stays, though the pair is closed afterwards', async () => {
  const connection = failing(100);
  connection.send('unsent');
  await closed(connection);
  connection.close();
  expect([connection.status, connection.drain()]).toEqual(['disconnected', ['unsent']]);
});

test('bytes are copied when they wait, of a Buffer of Node too, whose slice copies nothing', () => {
  const connection = failing(100);
  const buffer = Buffer.from('abc');
  connection.send(buffer);
  buffer.fill('x');
  const [kept] = connection.drain() as Uint8Array[];
  expect(new TextDecoder().decode(kept)).toBe('abc');
  connection.close();
});
