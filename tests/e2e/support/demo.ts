// A server of a test's own that is as `cargo xtask demo` starts it: with the page, and with tokens that live for
// seconds. Holds on to every token that a page was given, so that a test can look where they went.

import { fileURLToPath } from 'node:url';
import { expect, type Browser, type Page } from '@playwright/test';
import type { OwnServer } from './own-server';
import { test as base } from './resuming';
import type { Pair } from './server';
import { Shells } from './shells';

const WWW = fileURLToPath(new URL('../../../www/dist/', import.meta.url));

/** How long a token lives, in s: long enough for a slow machine to renew it in time, short enough to wait for. */
export const TOKEN_SECONDS = 6;

/** The server's environment with a real shell. */
export const SHELL: Pair = { project: 'p', env: 'shell' };

export class Demo {
  private constructor(
    readonly server: OwnServer,
    readonly url: string,
  ) {}

  /** With the shell's environment, and another one. `start` is given the server's arguments. */
  static async start(start: (args: readonly string[]) => Promise<OwnServer>): Promise<Demo> {
    const life = ['--demo-auth', '--demo-auth-seconds', String(TOKEN_SECONDS)];
    const server = await start(['--www', WWW, '--faults', ...life]);
    const demo = new Demo(server, `http://${server.host}/`);
    await demo.post(`/api/projects/${SHELL.project}/environments`, { id: SHELL.env });
    return demo;
  }

  /** As its user. */
  async post(path: string, body: unknown = {}): Promise<unknown> {
    const issued = await this.#fetch('/api/demo/token', {});
    const { token } = issued as { token: string };
    return this.#fetch(path, body, { authorization: `Bearer ${token}` });
  }

  /** Cuts every link and refuses others, until they are mended. */
  async cutLinks(): Promise<void> {
    await this.post('/faults/refuse?ms=60000');
    await this.post('/faults/drop');
  }

  async mendLinks(): Promise<void> {
    await this.post('/faults/refuse?ms=0');
  }

  async #fetch(path: string, body: unknown, headers: Record<string, string> = {}): Promise<unknown> {
    const response = await fetch(new URL(path, this.url), {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    expect(response.ok, `${path}: ${response.status}`).toBe(true);
    return response.status === 204 ? null : response.json();
  }
}

/** What a page was given, and with which sockets it went where. */
export class Watched {
  readonly tokens: string[] = [];
  readonly urls: string[] = [];
  readonly said: string[] = [];
  sockets = 0;

  private constructor(readonly shells: Shells) {}

  static on(page: Page): Watched {
    const watched = new Watched(new Shells(page));
    page.on('request', (request) => void watched.urls.push(request.url()));
    page.on('console', (message) => void watched.said.push(message.text()));
    page.on('websocket', (socket) => {
      watched.sockets += 1;
      watched.urls.push(socket.url());
    });
    page.on('response', async (response) => {
      if (!response.url().endsWith('/api/demo/token') || !response.ok()) return;
      // A page that has gone on has taken its answers with it.
      const issued = (await response.json().catch(() => null)) as { token: string } | null;
      if (issued !== null) watched.tokens.push(issued.token);
    });
    return watched;
  }

  texts(): Record<string, readonly string[]> {
    return { addresses: this.urls, console: this.said };
  }

  /** How many tokens the connections have had, as the page says. */
  async count(): Promise<number> {
    const text = await this.shells.page.getByTestId('token-note').textContent();
    return Number(text?.replace('Token ', ''));
  }

  async expectCount(least: number): Promise<void> {
    const options = { message: 'tokens of the connections', timeout: 30_000 };
    await expect.poll(() => this.count(), options).toBeGreaterThanOrEqual(least);
  }
}

/** Looks everywhere for the tokens that the page was given. */
export async function expectNoToken(page: Page, watched: Watched, { project, env }: Pair): Promise<void> {
  const seen = await page.evaluate(
    async ([project, env]) => {
      const manager = window.WebSocketManager;
      const connection = manager.getConnection(project, env);
      const databases = await indexedDB.databases();
      return JSON.stringify({
        page: document.documentElement.outerHTML,
        address: location.href,
        history: history.state as unknown,
        local: { ...localStorage },
        session: { ...sessionStorage },
        cookies: document.cookie,
        databases,
        caches: await caches.keys(),
        entries: performance.getEntries(),
        snapshot: manager.getSnapshot(),
        metrics: manager.getMetrics(),
        log: manager.getConnectionLog(project, env),
        connection: [connection.url, connection.protocol, connection.extensions],
        name: window.name,
      });
    },
    [project, env] as const,
  );
  expect(watched.tokens.length, 'tokens that the page was given').toBeGreaterThan(1);
  for (const token of watched.tokens) {
    // The part that is secret, and the part that says whose it is.
    const [, claims, signature] = token.split('.');
    for (const part of [claims!, signature!]) {
      for (const [place, texts] of Object.entries({ ...watched.texts(), seen: [seen] })) {
        expect(
          texts.filter((text) => text.includes(part)),
          `a token in ${place}`,
        ).toEqual([]);
      }
    }
  }
}

/** Another person's page. */
export async function visit(browser: Browser, url: string): Promise<{ page: Page; watched: Watched }> {
  const page = await (await browser.newContext()).newPage();
  const watched = Watched.on(page);
  await page.goto(url);
  return { page, watched };
}

export const test = base.extend<{ readonly demo: Demo; readonly watched: Watched }>({
  demo: async ({ rig }, use) => {
    await use(await Demo.start((args) => rig.server([], args)));
  },
  watched: async ({ page }, use) => {
    await use(Watched.on(page));
  },
});
