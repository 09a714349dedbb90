// Handshakes that fail, each in a way of its own: what the client sees must be the same for all of them.
// Must not: open a connection that works.

import { accepted, acceptKey } from './frames.mjs';

/** By the name that `/broken?how=` gives: what to answer the upgrade request with. */
const BROKEN = {
  garbage: () => 'this is not HTTP at all\r\n\r\n',
  binary: () => Buffer.from([0, 1, 2, 3, 255, 254]),
  silence: () => '',
  cut: () => 'HTTP/1.1 101 Switching Prot',
  ok: () => 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
  redirect: () => 'HTTP/1.1 302 Found\r\nLocation: /echo\r\nContent-Length: 0\r\n\r\n',
  'wrong accept': (request) => accepted(request, { 'Sec-WebSocket-Accept': 'x3JJHMbDL1EzLkh9GBhXDw==' }),
  'no accept': (request) => accepted(request, { 'Sec-WebSocket-Accept': undefined }),
  'two accepts': (request) =>
    accepted(request, { 'Sec-WebSocket-Accept': acceptKey(request), 'sec-websocket-accept': 'another' }),
  'no upgrade': (request) => accepted(request, { Upgrade: undefined }),
  'wrong upgrade': (request) => accepted(request, { Upgrade: 'h2c' }),
  'no connection': (request) => accepted(request, { Connection: undefined }),
  'unknown extension': (request) => accepted(request, { 'Sec-WebSocket-Extensions': 'x-unasked' }),
  'unasked protocol': (request) => accepted(request, { 'Sec-WebSocket-Protocol': 'unasked' }),
  'two protocols': (request) => accepted(request, { 'Sec-WebSocket-Protocol': 'one, two' }),
};

/** Answers badly, and hangs up. */
export function answerBadly(request, socket, how) {
  const answer = BROKEN[how];
  if (!answer) throw new Error(`no handshake is broken like ${how}`);
  socket.end(answer(request));
}

/** Refuses politely. */
export function refuse(socket, status) {
  socket.end(`HTTP/1.1 ${status} Refused\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
}
