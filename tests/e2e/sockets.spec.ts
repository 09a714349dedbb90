// One WebSocket an environment, however the page is used.

import { expect, test } from './support/test';

test('switching to and fro opens one socket an environment and closes none', async ({
  page,
  server,
  shells,
}) => {
  const opened: string[] = [];
  const closed: string[] = [];
  page.on('websocket', (socket) => {
    opened.push(socket.url());
    socket.on('close', () => closed.push(socket.url()));
  });
  const [a, b] = [await server.create(), await server.create()];
  await shells.open(a);
  for (const pair of [b, a, b, a, b]) await shells.choose(pair);
  await shells.settle();

  const path = ({ project, env }: typeof a) => `/ws/${project}/${env}`;
  expect(opened.map((url) => new URL(url).pathname)).toEqual([path(a), path(b)]);
  expect(closed).toEqual([]);
});
