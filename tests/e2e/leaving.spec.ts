// A page that is left says nothing of its own: a close with 1000 would end the session that it means to come
// back to.

import type { Page } from '@playwright/test';
import { expectLeftAlike, openOneOfEach } from './support/leaving';
import { test } from './support/test';

const WAYS: Readonly<Record<string, (page: Page) => Promise<unknown>>> = {
  'going elsewhere': (page) => page.goto('data:text/html,elsewhere'),
  'a reload': (page) => page.reload(),
  'closing the tab': (page) => page.close(),
  'closing the tab, asking before': (page) => page.close({ runBeforeUnload: true }),
};

for (const [way, leave] of Object.entries(WAYS)) {
  test(`${way} ends a connection as it ends a WebSocket, and sends nothing`, async ({
    page,
    pages,
    peer,
  }) => {
    await openOneOfEach(page, pages, peer);
    await leave(page);
    await expectLeftAlike(peer);
  });
}
