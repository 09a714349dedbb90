// What the browser and the server compress between them, over links that are cut: nothing of it is seen above.

import { createHash } from 'node:crypto';
import { REFUSED_WHILE_CUT } from './support/test';
import { expect, test } from './support/resuming';

/** Prints much, says by its MD5 sum what it has read, and says nothing after that. */
const TALK = [
  'stty raw -echo',
  'printf "ready\\n"',
  'seq 1 60000',
  'head -c 900000 | md5sum',
  'head -c 500000 | md5sum',
  'printf "over\\n"',
  'exec cat',
].join('; ');

function md5(bytes: string | Uint8Array): string {
  return createHash('md5').update(bytes).digest('hex');
}

test('large texts and bytes are whole, both ways, over compressed links that are cut', async ({
  complaints,
  page,
  pages,
  proxied,
  server,
}) => {
  complaints.allow(REFUSED_WHILE_CUT);
  const { project, env } = await server.create();
  await pages.open(page, 'plain');
  const talk = await page.evaluateHandle(
    ([url, project, env]) => {
      const backoff = { baseMs: 20, capMs: 200 };
      const options = { url, protocol: 'require', backoff } as const;
      const connection = window.bare.WebSocketManager.getConnection(project, env, null, options);
      connection.binaryType = 'arraybuffer';
      const decoder = new TextDecoder();
      const talk = { connection, text: '', gaps: 0 };
      connection.addEventListener('message', ({ data }: MessageEvent<string | ArrayBuffer>) => {
        talk.text += typeof data === 'string' ? data : decoder.decode(data, { stream: true });
      });
      connection.addEventListener('gap', () => (talk.gaps += 1));
      return talk;
    },
    [proxied.socketUrl, project, env] as const,
  );
  const text = () => talk.evaluate(({ text }) => text);
  const resumed = () => page.evaluate(() => window.bare.WebSocketManager.getMetrics().resumed);
  const cut = async () => {
    const before = await resumed();
    await proxied.cut('reset');
    await expect.poll(resumed).toBe(before + 1);
  };

  await talk.evaluate(({ connection }, line) => connection.send(`${line}\n`), TALK);
  await expect.poll(text).toContain('ready\n');
  expect(await talk.evaluate(({ connection }) => connection.extensions)).toContain('permessage-deflate');
  await cut();
  await expect.poll(text).toContain('\n60000\n');

  // JSON, as pages send it; then bytes that cannot be made much smaller.
  const json = JSON.stringify({ cells: Array.from({ length: 60_000 }, (_, index) => `cell ${index % 977}`) });
  const letters = json.slice(0, 900_000).padEnd(900_000, '.');
  const bytes = Uint8Array.from({ length: 500_000 }, (_, index) => (index * index * 7919) >>> 9);
  await talk.evaluate(({ connection }, letters) => connection.send(letters), letters);
  await cut();
  await talk.evaluate(({ connection }, length) => {
    connection.send(Uint8Array.from({ length }, (_, index) => (index * index * 7919) >>> 9));
  }, bytes.length);
  await cut();
  await expect.poll(text).toContain('over\n');

  const printed = (await text()).split('ready\n').at(-1);
  const numbers = Array.from({ length: 60_000 }, (_, index) => `${index + 1}\n`).join('');
  expect(printed).toBe(`${numbers}${md5(letters)}  -\n${md5(bytes)}  -\nover\n`);
  expect(await talk.evaluate(({ gaps }) => gaps)).toBe(0);
  expect(await talk.evaluate(({ connection }) => connection.extensions)).toContain('permessage-deflate');
});
