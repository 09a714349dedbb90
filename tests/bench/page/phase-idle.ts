// What an idle connection holds: JavaScript's heap after a collection, and the wasm's linear memory, which
// is not in it. What the browser itself keeps for a socket is in neither, and the same for all.

import { type ByName, lists, load, type Loaded, order, PEERS, spread } from './frames.js';
import type { Plan } from './plan.js';
import { type Servers, tell } from './runner.js';

const NAMES = [...PEERS, 'protocol on'] as const;

/** Bytes a connection, one figure a round. */
export interface Idle {
  readonly heap: ByName<number[], (typeof NAMES)[number]>;
  readonly wasm: ByName<number[], (typeof NAMES)[number]>;
}

export async function idleConnections({ lean, library }: Servers, plan: Plan): Promise<Idle> {
  const { rounds, connections } = plan.idle;
  const figures: Idle = { heap: lists(NAMES), wasm: lists(NAMES) };
  for (let round = 0; round < rounds; round++) {
    for (const name of order(NAMES, round)) {
      const urls = name === 'protocol on' ? library : lean;
      await tell('progress', `idle connections, round ${round + 1} of ${rounds}: ${name}`);
      // A new one each time: linear memory never shrinks, so that it would grow only once.
      const frame = await load(name);
      // One connection before, so that what is made once is not counted.
      await frame.contender.idle(spread(urls, 1));
      const before = await held(frame);
      await frame.contender.idle(spread(urls, connections));
      const after = await held(frame);
      figures.heap[name].push((after.heap - before.heap) / connections);
      figures.wasm[name].push((after.wasm - before.wasm) / connections);
      await frame.contender.release();
      frame.unload();
    }
  }
  return figures;
}

async function held({ extras }: Loaded): Promise<{ heap: number; wasm: number }> {
  return { heap: await settledHeap(), wasm: extras?.wasmBytes() ?? 0 };
}

/**
 * The heap once collecting frees no more of it: a frame that was unloaded goes step by step, and what goes
 * while the next one is measured would be taken off that one's account.
 */
async function settledHeap(): Promise<number> {
  let size = Number.POSITIVE_INFINITY;
  for (let calm = 0; calm < 4; ) {
    gc();
    // Finalisers, and all else that a collection leaves for later, run in a task of their own.
    await new Promise((resolve) => setTimeout(resolve));
    const now = performance.memory.usedJSHeapSize;
    calm = size - now < 1_024 ? calm + 1 : 0;
    size = now;
  }
  return size;
}
