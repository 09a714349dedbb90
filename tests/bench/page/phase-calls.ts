// The manager's calls, with a full pool.

import { load, spread } from './frames.js';
import type { ManagerCalls } from './manager-calls.js';
import type { Plan } from './plan.js';
import { tell } from './runner.js';

/** One entry a round. */
export async function callsOfManager(urls: readonly string[], plan: Plan): Promise<ManagerCalls[]> {
  const { connections, each, rounds } = plan.calls;
  const { extras, unload } = await load('EnvSocket');
  if (!extras?.managerCalls) throw new Error('the frame of EnvSocket does not offer the calls');
  const figures: ManagerCalls[] = [];
  for (let round = 0; round < rounds; round++) {
    await tell('progress', `calls of the manager, round ${round + 1} of ${rounds}`);
    figures.push(await extras.managerCalls(spread(urls, connections), each));
  }
  unload();
  return figures;
}
