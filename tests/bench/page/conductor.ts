// Runs the measurements in their order and hands the figures to the runner. Must not judge them, and must
// not measure two things at a time.

import { callsOfManager } from './phase-calls.js';
import { comingsBack } from './phase-cuts.js';
import { idleConnections } from './phase-idle.js';
import { traffic } from './phase-traffic.js';
import { FULL, QUICK } from './plan.js';
import { tell } from './runner.js';

/** What the runner gives on `/setting`. */
interface Setting {
  /** `host:port` of the server's listeners. */
  readonly addresses: readonly string[];
  readonly quick: boolean;
}

async function run(): Promise<void> {
  const { addresses, quick } = (await (await fetch('/setting')).json()) as Setting;
  const urls = addresses.map((address) => `ws://${address}/`);
  const plan = quick ? QUICK : FULL;
  const figures = {
    browser: await browser(),
    plan,
    traffic: await traffic(urls, plan),
    calls: await callsOfManager(urls, plan),
    comingBack: await comingsBack(urls, plan),
    idle: await idleConnections(urls, plan),
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
