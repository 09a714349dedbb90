// Dropped links. Handshakes to one address wait for one another, so each address has one at a time, and a
// frame of its own: reconnecting-websocket draws its first delay once, when it is loaded. With the protocol,
// the first message after the cut is one that the cut had cost.

import type { ComingBack } from './coming-back.js';
import { type ByName, load } from './frames.js';
import type { Plan } from './plan.js';
import { type Servers, tell } from './runner.js';

const NAMES = ['protocol on', 'EnvSocket', 'partysocket', 'reconnecting-websocket'] as const;

/** One for each cut. */
export type ComingsBack = ByName<ComingBack[], (typeof NAMES)[number]>;

export async function comingsBack({ lean, library }: Servers, plan: Plan): Promise<ComingsBack> {
  const figures: ComingsBack = {
    'protocol on': [],
    EnvSocket: [],
    partysocket: [],
    'reconnecting-websocket': [],
  };
  for (const name of NAMES) {
    const isOwn = name === 'protocol on' || name === 'EnvSocket';
    const urls = name === 'protocol on' ? library : lean;
    const frames = await Promise.all(urls.map(async (url) => ({ url, ...(await load(name)) })));
    const cuts = isOwn ? plan.cuts.own : plan.cuts.peers;
    while (figures[name].length < cuts) {
      await tell('progress', `dropped links of ${name}: ${figures[name].length} of ${cuts}`);
      figures[name].push(...(await Promise.all(frames.map(({ url, contender }) => contender.comeBack(url)))));
    }
    for (const { unload } of frames) unload();
  }
  return figures;
}
