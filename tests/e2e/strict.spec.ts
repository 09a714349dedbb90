// React's StrictMode mounts, unmounts and mounts again; the server is to notice nothing of it.

import { expect, test } from './support/test';

test("StrictMode's double effects open one socket and close none", async ({ page, pages, server }) => {
  const closed: string[] = [];
  page.on('websocket', (socket) => socket.on('close', () => closed.push(socket.url())));
  const { project, env } = await server.create();
  await pages.open(page, 'strict', { url: server.socketUrl(), project, env });
  await expect(page.getByRole('status')).toHaveText('connected');
  expect(await page.evaluate(() => window.effects)).toBe(2);
  expect(closed).toEqual([]);
  expect(await server.dropLinks(), 'how many WebSockets the server had').toBe(1);
});
