// Thousands of connections, opened and closed: what they held is given back, to the page and to wasm.

import { assert } from 'chai';
import { newId, places } from './support/server';
import { note, run } from './support/harness';
import type { EnvSocket, WebSocketManager } from 'envsocket';

/** All browsers bound how many are open. */
const BATCH = 100;
const BATCHES = 30;

/** A batch of those that are refused: browsers slow down what is refused often. */
const REFUSED = 5;

/**
 * Chromium begins the handshakes to one address 10 ms apart; and with 16 under way at once (four to an
 * address here) it holds each of them back for seconds.
 */
const ADDRESSES = 2;

/** What garbage the browser itself keeps; Chromium's own figure for its WebSockets alone varies by half of it. */
const HEAP_GROWTH = 512 * 1024;

interface MeasuredPage {
  /** With --js-flags=--expose-gc. */
  gc?(): void;
  readonly performance: { readonly memory?: { readonly usedJSHeapSize: number } };
}

const NOTHING = { sockets: 0, timers: 0, closures: 0, listeners: 0, retainedBytes: 0 };

/** Every memory that WebAssembly has made for this page: caught, as no interface hands it out. */
const memories: WebAssembly.Memory[] = [];

function catchMemories(): void {
  const { Instance } = WebAssembly;
  WebAssembly.Instance = new Proxy(Instance, {
    construct(target, args, newTarget: typeof Instance) {
      const instance = Reflect.construct(target, args, newTarget) as WebAssembly.Instance;
      for (const exported of Object.values(instance.exports)) {
        if (exported instanceof WebAssembly.Memory) memories.push(exported);
      }
      return instance;
    },
  });
}

function wasmBytes(): number {
  return memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
}

/** The heap without garbage; null where the browser does not tell. */
async function heapBytes(): Promise<number | null> {
  const page = globalThis as unknown as MeasuredPage;
  if (!page.gc || !page.performance.memory) return null;
  // What is only reachable from a task that is still to run is no garbage before it has.
  for (let round = 0; round < 3; round += 1) {
    await new Promise((resolve) => setTimeout(resolve));
    page.gc();
  }
  return page.performance.memory.usedJSHeapSize;
}

catchMemories();
// Only now: importing it instantiates the module.
const { createWebSocketManager, EnvSocket: Alone } = await import('envsocket');

run(120_000, () => {
  describe('nothing is left of', () => {
    it(`${BATCH * BATCHES} connections that were opened, used and closed`, async () => {
      const { port, addresses } = await places().then(({ port, addresses }) => ({
        port,
        addresses: addresses.slice(0, ADDRESSES),
      }));
      const url = (index: number) => `ws://${addresses[index % addresses.length]}:${port}/echo`;
      const manager = createWebSocketManager({ maxConnections: 2 * BATCH });
      await levels(async (batch) => {
        const sockets = Array.from({ length: BATCH }, (_, index) => {
          const env = `${batch}-${index}`;
          return manager.getConnection('leak', env, null, { url: url(index) });
        });
        await Promise.all(sockets.map(used));
        assert.equal(manager.debugResources().sockets, BATCH);
        const before = manager.debugResources().listeners;
        const lost = sockets.map(conversing);
        assert.equal(manager.debugResources().listeners, before + 2 * BATCH);
        const closed = sockets.map(over);
        // Half of them by their own hand.
        for (const socket of sockets.slice(0, BATCH / 2)) socket.close(1000);
        manager.closeAll();
        await Promise.all(closed);
        assert.deepEqual(manager.debugResources(), NOTHING);
        assert.isTrue((await Promise.all(lost)).every((name) => name === 'InvalidStateError'));
      });
    });

    it('connections that never opened', async () => {
      const { port, addresses } = await places();
      const url = `ws://${addresses.at(-1)}:${port}/refused?status=503`;
      const manager = createWebSocketManager({ maxConnections: 2 * BATCH });
      for (let batch = 0; batch < 3; batch += 1) {
        const options = { url, maxRetries: 1, backoff: { baseMs: 1, capMs: 1 } };
        const sockets = Array.from({ length: REFUSED }, (_, index) => {
          return manager.getConnection('refused', `${batch}-${index}`, null, options);
        });
        for (const socket of sockets) socket.send('never sent');
        await Promise.all(sockets.map(over));
        for (const socket of sockets) assert.deepEqual(socket.drain(), ['never sent']);
        manager.closeAll();
        assert.deepEqual(manager.debugResources(), NOTHING);
      }
    });

    it('connections that are closed in each of their states', async () => {
      const { port, addresses } = await places();
      const at = (path: string) => `ws://127.0.0.1:${port}${path}`;
      // Chromium begins no handshake to an address while another one hangs there.
      const elsewhere = `ws://${addresses.at(-1)}:${port}`;
      const manager = createWebSocketManager();
      const urls = [
        () => new Promise<string>(() => {}),
        async () => at('/echo'),
        () => `${elsewhere}/hang`,
        () => at('/mute'),
        () => at('/refused?status=503'),
        () => at('/echo'),
      ];
      const sockets = urls.map((url) => manager.getConnection('states', newId(), null, { url }));
      await used(sockets.at(-1)!);
      sockets.at(-1)!.send(new Uint8Array(100_000));
      const closed = sockets.map(over);
      manager.closeAll();
      await Promise.all(closed);
      assert.deepEqual(manager.debugResources(), NOTHING);
    });

    it('what watches a manager', () => {
      const manager: WebSocketManager = createWebSocketManager();
      const stops = Array.from({ length: 100 }, () => [manager.subscribe(() => {}), manager.pollStatus(() => {}, 5)]);
      assert.isAbove(manager.debugResources().closures, 0);
      for (const stop of stops.flat()) stop();
      manager.closeAll();
      assert.deepEqual(manager.debugResources(), NOTHING);
    });

    it('sockets that were made alone', async () => {
      const { port } = await places();
      for (let round = 0; round < 5; round += 1) {
        const sockets = Array.from({ length: 20 }, () => new Alone(`ws://127.0.0.1:${port}/echo`));
        await Promise.all(sockets.map(used));
        const closed = sockets.map(over);
        for (const socket of sockets) socket.close();
        await Promise.all(closed);
      }
    });
  });
});

/** Runs the batches, and holds the memory after the first half against that at the end. */
async function levels(batch: (index: number) => Promise<void>): Promise<void> {
  let half: { wasm: number; heap: number | null } | null = null;
  for (let index = 0; index < BATCHES; index += 1) {
    if (index === BATCHES / 2) half = { wasm: wasmBytes(), heap: await heapBytes() };
    await batch(index);
    if (index % 10 === 9) note(`${(index + 1) * BATCH} connections`);
  }
  const end = { wasm: wasmBytes(), heap: await heapBytes() };
  assert.isAbove(end.wasm, 0, 'the memory of the module was caught');
  assert.equal(end.wasm, half!.wasm, 'wasm memory, in bytes');
  const kib = (bytes: number | null) => (bytes === null ? 'not told' : `${(bytes / 1024).toFixed(0)} KiB`);
  note(`wasm memory ${kib(end.wasm)}; JS heap at half time ${kib(half!.heap)}, at the end ${kib(end.heap)}`);
  if (end.heap !== null) assert.isBelow(end.heap - half!.heap!, HEAP_GROWTH, 'growth of the JS heap, in bytes');
}

/** Opens it and hears an answer. */
function used(socket: EnvSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.addEventListener('message', () => resolve(), { once: true });
    socket.addEventListener('close', ({ code }) => reject(new Error(`closed with ${code}`)), { once: true });
    socket.addEventListener('open', () => socket.send('hello'), { once: true });
  });
}

/** Leaves a question waiting and a channel listening; how the question ends. */
function conversing(socket: EnvSocket): Promise<unknown> {
  socket.channel('log').subscribe(() => {});
  const signal = new AbortController().signal;
  return socket.ask('never answered', { answer: () => false, signal }).catch((error: Error) => error.name);
}

function over(socket: EnvSocket): Promise<void> {
  return new Promise((resolve) => socket.addEventListener('close', () => resolve(), { once: true }));
}
