// Serves the page of the tests, hears its reports, and does what it asks to the servers and the links to them.
// Must not: listen beyond loopback.

import { once } from 'node:events';
import { createServer } from 'node:http';
import { JUPYTER_TOKEN } from './servers.mjs';
import { Tap } from './tap.mjs';

/**
 * @param {{ files: ReadonlyMap<string, { type: string, body: string | Uint8Array }>,
 *           servers: ReadonlyMap<string, import('./foreign-server.mjs').ForeignServer>,
 *           onReport: (report: any) => void }} page
 * @returns {Promise<{ origin: string, close(): void }>}
 */
export async function startHost({ files, servers, onReport }) {
  const taps = new Map();
  const orders = ordersOver(servers, taps);
  const answer = async ({ method, url }, body) => {
    const { pathname } = new URL(url, 'http://x');
    if (method === 'GET') return files.get(pathname) ?? null;
    const asked = JSON.parse(body);
    if (pathname === '/report') return json(onReport(asked));
    const { order, ...rest } = asked;
    return json(await orders[order](rest));
  };
  const server = createServer(async (request, response) => {
    try {
      const found = await answer(request, await request.setEncoding('utf8').reduce((all, part) => all + part, ''));
      if (found) response.writeHead(200, { 'Content-Type': found.type, 'Cache-Control': 'no-store' }).end(found.body);
      else response.writeHead(404).end();
    } catch (error) {
      response.writeHead(500, { 'Content-Type': 'text/plain' }).end(String(error.stack));
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    close() {
      for (const tap of taps.values()) tap.end();
      server.closeAllConnections();
      server.close();
    },
  };
}

/** What a page can ask for, by name. A tap's name is its host. */
function ordersOver(servers, taps) {
  return {
    /** A tap before a server, which runs. */
    async tap({ server }) {
      await servers.get(server).start();
      const tap = await Tap.start(servers.get(server).port);
      taps.set(tap.host, tap);
      return tap.host;
    },
    seen: ({ tap, ...wanted }) => taps.get(tap).until(wanted),
    cut: ({ tap, how }) => taps.get(tap).cut(how),
    hold: ({ tap }) => taps.get(tap).hold(),
    refuse: ({ tap, refuses }) => taps.get(tap).refuse(refuses),
    end({ tap }) {
      taps.get(tap).end();
      taps.delete(tap);
    },
    kill: ({ server, signal }) => servers.get(server).kill(signal),
    start: ({ server }) => servers.get(server).start(),
    token: () => JUPYTER_TOKEN,
  };
}

function json(value) {
  return { type: 'application/json', body: JSON.stringify(value ?? null) };
}
