// The page's own manager, for what a person cannot see.

import type { Page } from '@playwright/test';
import type { Pair } from './server';

interface Connection {
  readonly projectName: string;
  readonly envId: string;
  readonly status: string;
  readonly isActive: boolean;
}

/** As much of the package's contract as the tests use. */
interface Manager {
  configure(options: { readonly maxInputAgeMs?: number; readonly debug?: boolean }): void;
  getSnapshot(): { readonly connections: readonly Connection[] };
  getConnectionStatus(project: string, env: string): string;
  closeConnection(project: string, env: string): void;
  getConnectionLog(project: string, env: string): unknown;
  getMetrics(): unknown;
  getConnection(project: string, env: string): {
    readonly url: string;
    readonly protocol: string;
    readonly extensions: string;
    send(text: string): void;
  };
  debugResources(): { readonly sockets: number };
}

declare global {
  interface Window {
    WebSocketManager: Manager;
  }
}

export async function managerStatus(page: Page, pair: Pair): Promise<string> {
  return page.evaluate(({ project, env }) => window.WebSocketManager.getConnectionStatus(project, env), pair);
}

export async function closeConnection(page: Page, pair: Pair): Promise<void> {
  await page.evaluate(({ project, env }) => window.WebSocketManager.closeConnection(project, env), pair);
}

/** Types what no keyboard does: the sequences of keys that stand for no character. */
export async function send(page: Page, { project, env }: Pair, keys: string): Promise<void> {
  await page.evaluate(
    ([project, env, keys]) => window.WebSocketManager.getConnection(project, env).send(keys),
    [project, env, keys] as const,
  );
}

/** How many sockets the page holds. */
export async function openSockets(page: Page): Promise<number> {
  return page.evaluate(() => window.WebSocketManager.debugResources().sockets);
}
