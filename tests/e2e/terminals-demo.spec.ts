// The demo in two tabs on one shell: one whose link is cut draws what the other one draws.

import { writeFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { send } from './support/manager';
import { LINES, PROGRAMS } from './support/programs';
import { expect, test } from './support/resuming';
import { FLOOD, NOBODY } from './support/screens';
import { serverUrl } from './support/settings';
import { Shells } from './support/shells';
import { REFUSED_WHILE_CUT } from './support/test';

/** The rows as they are drawn, with colours and attributes, but for the cursor: one tab has the focus. */
function drawn({ terminal }: Shells): Promise<string[]> {
  const rows = terminal.locator('.xterm-rows > div');
  return rows.evaluateAll((rows) =>
    rows.map((row) =>
      Array.from(row.children, (part) => {
        const look = [...part.classList].filter((name) => !name.startsWith('xterm-cursor'));
        return `${look.join(' ')} ${part.getAttribute('style') ?? ''}: ${part.textContent}`;
      }).join('\n'),
    ),
  );
}

async function another(page: Page, address: string): Promise<Shells> {
  const other = new Shells(await page.context().newPage());
  await other.page.goto(address);
  return other;
}

for (const { name, start, steps, more, quit } of PROGRAMS) {
  test(`${name} in the demo, over links that are cut`, async ({
    complaints,
    page,
    proxied,
    rig,
    server,
    shells,
  }) => {
    complaints.allow(REFUSED_WHILE_CUT);
    const file = rig.file();
    await writeFile(file, LINES);
    const pair = await server.create();
    await shells.open(pair);
    // The whole page comes through the proxy.
    const cut = await another(page, proxied.socketUrl.replace(/^ws/, 'http').replace(/\/ws\/.*/, '/'));
    await cut.choose(pair);
    await cut.expectLine('ready-42');

    const expectSame = () =>
      expect(async () => expect(await drawn(cut)).toEqual(await drawn(shells))).toPass();
    const walk = async ([keys, text]: readonly [string, string]) => {
      await send(page, pair, keys);
      await expect(shells.terminal.locator('.xterm-rows')).toContainText(text);
    };
    const away = async (what: () => Promise<void>) => {
      await proxied.retarget(NOBODY);
      await proxied.cut('reset');
      await cut.expectStatus(pair, 'reconnecting');
      await what();
      await proxied.retarget(new URL(serverUrl()).host);
      await cut.expectStatus(pair, 'connected');
      await expectSame();
    };
    await away(async () => {
      for (const step of [start(file), ...steps]) await walk(step);
    });
    await walk(more);
    await expectSame();
    await shells.type(quit);
    await shells.expectLine('ready-42');
    await away(async () => {
      await shells.run(FLOOD);
      for (const step of [start(file), ...steps]) await walk(step);
    });
    await walk(more);
    await expectSame();
  });
}
