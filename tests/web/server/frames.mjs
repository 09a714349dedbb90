// Bytes of the WebSocket protocol, for what a well-behaved library refuses to write (RFC 6455).
// Must not: know of scenarios.

import { createHash } from 'node:crypto';

export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9 };

/** The value of Sec-WebSocket-Accept that this request expects. */
export function acceptKey(request) {
  const key = request.headers['sec-websocket-key'];
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
}

/** The answer of a server that accepts, each header replaceable; undefined leaves it out. */
export function accepted(request, changes = {}) {
  const headers = {
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Accept': acceptKey(request),
    ...changes,
  };
  const lines = Object.entries(headers)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 101 Switching Protocols\r\n${lines.join('')}\r\n`;
}

/** One unmasked frame. `first` replaces the first byte: reserved bits, unknown opcodes. */
export function frame(opcode, payload, { fin = true, first } = {}) {
  const body = Buffer.from(payload);
  const head = [first ?? ((fin ? 0x80 : 0) | opcode)];
  if (body.length < 126) {
    head.push(body.length);
  } else if (body.length < 65_536) {
    head.push(126, body.length >> 8, body.length & 255);
  } else {
    const length = Buffer.alloc(8);
    length.writeBigUInt64BE(BigInt(body.length));
    head.push(127, ...length);
  }
  return Buffer.concat([Buffer.from(head), body]);
}

/** A close frame; without a code it has no body. */
export function closeFrame(code, reason = '') {
  if (code === undefined) return frame(OPCODE.close, '');
  const head = Buffer.from([code >> 8, code & 255]);
  return frame(OPCODE.close, Buffer.concat([head, Buffer.from(reason)]));
}
