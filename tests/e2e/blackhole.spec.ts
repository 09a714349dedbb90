// A link that carries nothing and is not closed, as a tunnel makes it. Nothing is lost in it, and a heartbeat
// notices it.

import { COUNTER, expectBeyond, expectUnbroken, numbers } from './support/counter';
import { expect, test } from './support/test';

test('what a shell says into a black hole arrives afterwards, whole and in order', async ({
  server,
  shells,
}) => {
  const [front, late] = [await server.create(), await server.create()];
  await shells.open(front);
  await shells.run(COUNTER);
  await expectBeyond(shells, 3);

  await server.holdLinks();
  await shells.entry(late).getByRole('button').first().click();
  await shells.expectStatus(late, 'connecting');
  await shells.expectStatus(front, 'connected');
  const held = await shells.choose(front).then(() => numbers(shells));

  await server.mendLinks();
  await shells.expectStatus(late, 'connected');
  await expectBeyond(shells, (held.at(-1) ?? 0) + 5);
  await expectUnbroken(shells);
});

test('over a plain link, a heartbeat notices a black hole and says what may be lost, and the link comes back', async ({
  page,
  pages,
  server,
}) => {
  const { project, env } = await server.create();
  await pages.open(page, 'plain');
  const told = await page.evaluateHandle(
    ([url, project, env]) => {
      const connection = window.bare.WebSocketManager.getConnection(project, env, null, {
        url,
        protocol: 'off',
        // The terminal echoes it, and the shell takes it for nothing.
        heartbeat: { message: ': beat\n', intervalMs: 300, timeoutMs: 2500 },
      });
      const told: string[] = [];
      connection.addEventListener('statuschange', ({ detail }) => told.push(detail.status));
      connection.addEventListener('gap', ({ detail }) => told.push(`gap ${detail.direction}`));
      return told;
    },
    [server.socketUrl(), project, env] as const,
  );
  await expect.poll(() => told.jsonValue()).toEqual(['connected']);

  await server.holdLinks();
  await page.evaluate(
    ([project, env]) => window.bare.WebSocketManager.getConnection(project, env).send(': into the hole\n'),
    [project, env] as const,
  );
  await expect.poll(() => told.jsonValue()).toEqual(['connected', 'reconnecting']);
  await server.mendLinks();
  await expect
    .poll(() => told.jsonValue())
    .toEqual(['connected', 'reconnecting', 'connected', 'gap in', 'gap out']);
});
