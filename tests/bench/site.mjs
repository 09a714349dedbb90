// Serves the pages, hears what they say, and loses patience with them.
// Must not: be reachable from anywhere but this machine.

import { createServer } from 'node:http';

/** Isolated pages get a clock of 5 µs instead of 100. */
const ISOLATED = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/**
 * @param {{
 *   files: ReadonlyMap<string, { type: string, body: string | Uint8Array }>,
 *   setting: { servers: import('./page/runner.js').Servers, quick: boolean },
 *   patienceMs: number,
 * }} options
 * @returns {Promise<{
 *   url: string,
 *   figures: Promise<import('./types.js').Figures>,
 *   fail: (error: Error) => void,
 *   close: () => void,
 * }>}
 */
export async function serve({ files, setting, patienceMs }) {
  const { promise: figures, resolve, reject } = withResolvers();
  // Whoever awaits it may not have begun to when it fails.
  figures.catch(() => {});
  let doing = 'loading';
  let shown = '';
  const lost = () => reject(new Error(`the page was silent for ${patienceMs / 1_000} s, after: ${doing}`));
  let patience = setTimeout(lost, patienceMs);
  /** @type {Record<string, (text: string) => void>} */
  const heard = {
    '/progress': (text) => {
      clearTimeout(patience);
      patience = setTimeout(lost, patienceMs);
      doing = text;
      const [round = ''] = text.split(':');
      if (round !== shown) console.log(`bench: ${round}`);
      shown = round;
    },
    '/done': (text) => resolve(JSON.parse(text)),
    '/failed': (text) => reject(new Error(`the page failed, ${doing}:\n${text}`)),
  };
  const all = new Map(files).set('/setting', { type: 'application/json', body: JSON.stringify(setting) });
  const server = createServer(async (request, response) => {
    const path = request.url === '/' ? '/index.html' : (request.url ?? '');
    const hear = request.method === 'POST' ? heard[path] : undefined;
    const file = all.get(path);
    if (hear) {
      hear(await text(request));
      response.writeHead(204).end();
    } else if (file) {
      response.writeHead(200, { ...ISOLATED, 'Content-Type': file.type }).end(file.body);
    } else {
      response.writeHead(404).end();
    }
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', () => listening(undefined)));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return {
    url: `http://127.0.0.1:${port}/`,
    figures,
    fail: reject,
    close() {
      clearTimeout(patience);
      server.close();
      server.closeAllConnections();
    },
  };
}

/** @param {AsyncIterable<Buffer>} request */
async function text(request) {
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  return Buffer.concat(pieces).toString('utf8');
}

/** Node 20 has no `Promise.withResolvers`. */
function withResolvers() {
  let resolve;
  let reject;
  const promise = new Promise((...both) => {
    [resolve, reject] = both;
  });
  return { promise, resolve, reject };
}
