// The server of the browser tests: the page, its reports, and every kind of WebSocket peer that they meet.
// Must not: listen beyond loopback.

import { once } from 'node:events';
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';
import { answerBadly, refuse } from './handshakes.mjs';
import { BARE_SCENARIOS, SCENARIOS } from './scenarios.mjs';
import { COMMANDS, Sessions } from './sessions.mjs';
import { V1, V1_COMMANDS } from './v1.mjs';

/** What lets a page measure its memory and share buffers. */
const ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

/** More addresses of this machine: browsers begin handshakes to one address one after another. */
const MORE_ADDRESSES = ['127.0.0.2', '127.0.0.3', '127.0.0.4', '127.0.0.5', '127.0.0.6', '127.0.0.7', '127.0.0.8'];

/**
 * @param {{ files: ReadonlyMap<string, { type: string, body: string | Uint8Array }>,
 *           onReport: (report: any) => void }} page
 * @returns {Promise<{ origin: string, close(): void }>}
 */
export async function startServer({ files, onReport }) {
  const sessions = new Sessions();
  const upgrade = upgrader(sessions);
  const answer = (request, response) => {
    void handle(request, response, { files, onReport, sessions, port, addresses }).catch((error) => {
      response.writeHead(500, { 'Content-Type': 'text/plain' }).end(String(error));
    });
  };
  const servers = [];
  const listen = async (address, port) => {
    const server = createServer(answer).on('upgrade', upgrade).listen(port, address);
    await once(server, 'listening');
    servers.push(server);
    return server.address().port;
  };
  const addresses = ['127.0.0.1'];
  const port = await listen('127.0.0.1', 0);
  for (const address of MORE_ADDRESSES) {
    // Not every system has the whole of 127/8; the tests do with what there is.
    if (await listen(address, port).then(() => true, () => false)) addresses.push(address);
  }
  return {
    origin: `http://127.0.0.1:${port}`,
    close() {
      for (const server of servers) {
        server.closeAllConnections();
        server.close();
      }
      upgrade.hangUp();
    },
  };
}

/** Answers WebSocket handshakes: a scenario, or a failure. */
function upgrader(sessions) {
  const handleProtocols = (offered, request) => {
    const { pathname, searchParams } = new URL(request.url, 'ws://x');
    return chosenProtocol(offered, pathname, searchParams);
  };
  const options = { noServer: true, handleProtocols, skipUTF8Validation: false };
  const plain = new WebSocketServer(options);
  const deflating = new WebSocketServer({ ...options, perMessageDeflate: true });
  const open = new Set();
  const upgrade = (request, socket, head) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    // A client that hangs up in the middle is what many tests are about.
    socket.on('error', () => socket.destroy());
    const { pathname, searchParams: query } = new URL(request.url, 'ws://x');
    const id = query.get('id');
    const session = id === null ? null : sessions.asked(id, request);
    if (session && session.refuse > 0) {
      session.refuse -= 1;
      return refuse(socket, 503);
    }
    if (pathname === '/refused') return refuse(socket, Number(query.get('status')));
    if (pathname === '/broken') return answerBadly(request, socket, query.get('how'));
    if (pathname === '/hang') return socket.on('end', () => socket.end()).resume();
    const bare = BARE_SCENARIOS[pathname];
    if (bare) return bare(request, socket, query);
    const scenario = SCENARIOS[pathname];
    if (!scenario) return refuse(socket, 404);
    const server = query.has('deflate') ? deflating : plain;
    return server.handleUpgrade(request, socket, head, (accepted) => {
      accepted.on('error', () => {});
      if (id !== null) sessions.follow(id, accepted);
      scenario(accepted, query, session);
    });
  };
  upgrade.hangUp = () => open.forEach((socket) => socket.destroy());
  return upgrade;
}

/** `protocol=` in the URL decides: `none`, `last`, or the very word; the first by default, as Node's `ws`. */
function chosenProtocol(offered, pathname, query) {
  if (pathname === '/v1' && !query.has('protocol')) return offered.has(V1) && V1;
  const wanted = query.get('protocol') ?? 'first';
  if (wanted === 'none') return false;
  if (wanted === 'first') return [...offered][0];
  if (wanted === 'last') return [...offered].at(-1);
  return wanted;
}

async function handle(request, response, { files, onReport, sessions, port, addresses }) {
  const { pathname, searchParams: query } = new URL(request.url, 'http://x');
  const json = (value) => {
    response.writeHead(200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store', ...ISOLATION });
    response.end(JSON.stringify(value));
  };
  if (pathname === '/report') {
    onReport(JSON.parse(await body(request)));
    return json(null);
  }
  if (pathname === '/places') return json({ port, addresses });
  if (pathname === '/observed') {
    const { id, ...wanted } = Object.fromEntries(query);
    const counts = Object.fromEntries(Object.entries(wanted).map(([name, least]) => [name, Number(least)]));
    return json(await sessions.of(id).until(counts));
  }
  if (pathname === '/control') {
    const { id, command, ...rest } = Object.fromEntries(query);
    const session = sessions.of(id);
    if (COMMANDS[command]) COMMANDS[command](session, rest);
    else V1_COMMANDS[command](session.v1, rest);
    return json(null);
  }
  const file = files.get(pathname);
  if (!file) return response.writeHead(404).end();
  return response.writeHead(200, { 'Content-Type': file.type, ...ISOLATION }).end(file.body);
}

async function body(request) {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  return text;
}
