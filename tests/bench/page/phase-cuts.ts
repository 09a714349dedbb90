// Dropped links. Handshakes to one address wait for one another, so each address has one at a time, and a
// frame of its own: reconnecting-websocket draws its first delay once, when it is loaded.

import { load } from './frames.js';
import type { Plan } from './plan.js';
import { tell } from './runner.js';

const RECONNECTING = ['EnvSocket', 'partysocket', 'reconnecting-websocket'] as const;

/** Milliseconds, one for each cut. */
export type ComingsBack = Record<(typeof RECONNECTING)[number], number[]>;

export async function comingsBack(urls: readonly string[], plan: Plan): Promise<ComingsBack> {
  const figures: ComingsBack = { EnvSocket: [], partysocket: [], 'reconnecting-websocket': [] };
  for (const name of RECONNECTING) {
    const frames = await Promise.all(urls.map(async (url) => ({ url, ...(await load(name)) })));
    const cuts = name === 'EnvSocket' ? plan.cuts.own : plan.cuts.peers;
    while (figures[name].length < cuts) {
      await tell('progress', `dropped links of ${name}: ${figures[name].length} of ${cuts}`);
      figures[name].push(...(await Promise.all(frames.map(({ url, contender }) => contender.comeBack(url)))));
    }
    for (const { unload } of frames) unload();
  }
  return figures;
}
