// Runs the measurements in their order and hands the figures to the runner. Must not judge them, and must
// not measure two things at a time.

import { MODES, PEERS } from './frames.js';
import { callsOfManager } from './phase-calls.js';
import { comingsBack } from './phase-cuts.js';
import { idleConnections } from './phase-idle.js';
import { traffic } from './phase-traffic.js';
import { FULL, QUICK } from './plan.js';
import { type Servers, tell } from './runner.js';

/** What the runner gives on `/setting`. */
interface Setting {
  readonly servers: Servers;
  readonly quick: boolean;
}

async function run(): Promise<void> {
  const { servers, quick } = (await (await fetch('/setting')).json()) as Setting;
  const plan = quick ? QUICK : FULL;
  const figures = {
    browser: await browser(),
    plan,
    traffic: await traffic('beside native', PEERS, servers.lean, plan),
    protocol: await traffic('the protocol', MODES, servers.library, plan),
    calls: await callsOfManager(servers.lean, plan),
    comingBack: await comingsBack(servers, plan),
    idle: await idleConnections(servers, plan),
  };
  await tell('done', JSON.stringify(figures));
}

/** Its name and whole version: the user agent's has zeros for all but the first number. */
async function browser(): Promise<string> {
  const { fullVersionList } = await navigator.userAgentData.getHighEntropyValues(['fullVersionList']);
  const real = fullVersionList.find(({ brand }) => !brand.includes('Brand'));
  return `${real?.brand} ${real?.version}`;
}

run().catch((error: unknown) => tell('failed', error instanceof Error ? `${error.stack}` : String(error)));
