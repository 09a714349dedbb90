// What the manager's calls cost while it has a pool of connections.

import { createWebSocketManager, type WebSocketManager } from 'envsocket';

import { openAll } from './greeting.js';

const PROJECT = 'calls';

/** Means of many calls: microseconds each, but for the last, which is bytes each. */
export interface ManagerCalls {
  readonly status: number;
  readonly switching: number;
  readonly switchingOneSubscriber: number;
  readonly switchingAllSubscribed: number;
  readonly snapshot: number;
  readonly snapshotBytes: number;
}

/** Opens a connection for each URL, measures, and closes them. `calls` is for the cheapest of them. */
export async function managerCalls(urls: readonly string[], calls: number): Promise<ManagerCalls> {
  const manager = createWebSocketManager();
  const envs: string[] = [];
  await openAll(urls, (url) => {
    const env = `env-${envs.length}`;
    envs.push(env);
    return manager.getConnection(PROJECT, env, null, { url });
  });
  const cost = measured(manager, envs, calls);
  manager.closeAll();
  return cost;
}

function measured(manager: WebSocketManager, envs: readonly string[], calls: number): ManagerCalls {
  const env = (i: number) => envs[i % envs.length] as string;
  const few = calls / 50;
  const switching = () => each(few, (i) => manager.setActiveConnection(PROJECT, env(i)));
  const subscribed = (subscribers: number) => {
    // What React's useSyncExternalStore does on every change.
    const ends = Array.from({ length: subscribers }, () => manager.subscribe(() => manager.getSnapshot()));
    const cost = switching();
    for (const end of ends) end();
    return cost;
  };
  // Once unmeasured each, so that nothing is measured while it is still interpreted.
  const warm = <T>(measure: () => T): T => (measure(), measure());
  const status = warm(() =>
    each(calls, (i) => {
      if (manager.getConnectionStatus(PROJECT, env(i)) !== 'connected') throw new Error('one is not connected');
    }),
  );
  const alone = warm(switching);
  const one = warm(() => subscribed(1));
  const all = warm(() => subscribed(envs.length));
  const known = manager.getSnapshot();
  const snapshot = warm(() =>
    each(calls, () => {
      if (manager.getSnapshot() !== known) throw new Error('getSnapshot changed by itself');
    }),
  );
  const snapshotBytes = warm(() => allocated(() => each(calls, () => manager.getSnapshot()))) / calls;
  return {
    status,
    switching: alone,
    switchingOneSubscriber: one,
    switchingAllSubscribed: all,
    snapshot,
    snapshotBytes,
  };
}

/** Microseconds a call. */
function each(calls: number, call: (i: number) => void): number {
  const begun = performance.now();
  for (let i = 0; i < calls; i++) call(i);
  return ((performance.now() - begun) * 1_000) / calls;
}

function allocated(work: () => void): number {
  gc();
  const before = performance.memory.usedJSHeapSize;
  work();
  return Math.max(performance.memory.usedJSHeapSize - before, 0);
}
