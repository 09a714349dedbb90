// The `test` that every spec uses: environments of its own, and a watch over the page's console. Must not
// know what a test is about.

import { expect, test as base, type ConsoleMessage } from '@playwright/test';
import { Pages } from './pages';
import { Peer } from './peer';
import { Server } from './server';
import { Shells } from './shells';

/** What a page may complain about: the browser's own report of a request that a test meant to fail. */
export interface Complaints {
  allow(pattern: RegExp): void;
}

interface Fixtures {
  readonly server: Server;
  readonly shells: Shells;
  readonly complaints: Complaints;
  readonly peer: Peer;
}

interface WorkerFixtures {
  readonly pages: Pages;
}

export const test = base.extend<Fixtures, WorkerFixtures>({
  pages: [
    async ({}, use) => {
      const pages = await Pages.start();
      await use(pages);
      await pages.close();
    },
    { scope: 'worker' },
  ],

  server: async ({ request }, use) => {
    const server = new Server(request);
    await use(server);
    await server.cleanUp();
  },

  peer: async ({}, use) => {
    const peer = await Peer.start();
    await use(peer);
    await peer.close();
  },

  shells: async ({ page }, use) => {
    await use(new Shells(page));
  },

  // Automatic: no test can forget it. It needs the server's fixture only to judge before that one's end, which
  // deletes environments under the page.
  complaints: [
    async ({ page, server: _ }, use) => {
      const seen: string[] = [];
      const allowed: RegExp[] = [];
      page.on('console', (message) => {
        if (isComplaint(message)) seen.push(`${message.type()}: ${message.text()}`);
      });
      page.on('pageerror', (error) => seen.push(`uncaught: ${error.message}`));
      await use({ allow: (pattern) => void allowed.push(pattern) });
      expect(
        seen.filter((text) => !allowed.some((pattern) => pattern.test(text))),
        'complaints on the console',
      ).toEqual([]);
    },
    { auto: true },
  ],
});

/** Chromium's line for a WebSocket that the server refuses while the link is cut. */
export const REFUSED_WHILE_CUT = /^error: WebSocket connection to .* failed/;

/** Chromium's line for a WebSocket of a page that goes into the back/forward cache. */
export const LOST_TO_THE_CACHE = /^error: WebSocket connection to .* failed: Page entered Back-Forward Cache/;

function isComplaint(message: ConsoleMessage): boolean {
  return message.type() === 'error' || message.type() === 'warning';
}

export { expect };
