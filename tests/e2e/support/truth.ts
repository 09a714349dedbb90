// Watches, inside the page, whether the sidebar says what the manager says. It looks once in every task that
// the browser gives it and at every frame, that is whenever a person, a script or a test could look.

import type { Page } from '@playwright/test';
import type { Pair } from './server';

/** What an entry said. */
export interface Saying {
  readonly env: string;
  readonly status: string;
  readonly active: string;
}

export interface Findings {
  /** How often it was looked. */
  readonly looks: number;
  /** Where the two disagreed. */
  readonly lies: readonly string[];
  /** What the entries said, each time it changed. */
  readonly seen: readonly Saying[];
}

declare global {
  interface Window {
    stopWatchingTruth: () => Findings;
  }
}

export async function watchTruth(page: Page, pairs: readonly Pair[]): Promise<{ stop(): Promise<Findings> }> {
  await page.evaluate(startWatching, pairs);
  return { stop: () => page.evaluate(() => window.stopWatchingTruth()) };
}

/** Runs in the page, so it uses nothing from outside itself. */
function startWatching(pairs: readonly Pair[]): void {
  const lies: string[] = [];
  const seen: Saying[] = [];
  const lastSaid = new Map<string, string>();
  const ended = new AbortController();
  let looks = 0;

  const look = ({ project, env }: Pair) => {
    const entry = document.querySelector<HTMLElement>(`[data-testid="env-${project}-${env}"]`);
    const { status = 'no entry', active = 'no entry' } = entry?.dataset ?? {};
    const known = window.WebSocketManager.getSnapshot().connections.find(
      (connection) => connection.projectName === project && connection.envId === env,
    );
    const said = `${status} ${active}`;
    const isTrue = `${known?.status ?? 'disconnected'} ${known?.isActive ?? false}`;
    if (said !== isTrue) lies.push(`said ${said}, was ${isTrue}`);
    if (said === lastSaid.get(env)) return;
    lastSaid.set(env, said);
    seen.push({ env, status, active });
  };
  const lookAtAll = () => {
    looks += 1;
    pairs.forEach(look);
  };
  const everyTask = () => {
    if (ended.signal.aborted) return;
    lookAtAll();
    setTimeout(everyTask);
  };
  const everyFrame = () => {
    if (ended.signal.aborted) return;
    lookAtAll();
    requestAnimationFrame(everyFrame);
  };
  // Statuses that come and go within one task are seen by nobody; those that reach the page are seen here.
  const observer = new MutationObserver(lookAtAll);
  observer.observe(document.body, { subtree: true, attributeFilter: ['data-status', 'data-active'] });

  window.stopWatchingTruth = () => {
    ended.abort();
    observer.disconnect();
    return { looks, lies, seen };
  };
  everyTask();
  everyFrame();
}
