// Reads what a client writes after its handshake: WebSocket frames (RFC 6455), compressed ones too (RFC 7692).
// Must not: forgive anything. What it cannot read is an error, or a test could miss what it looks for.

import { constants, inflateRawSync } from 'node:zlib';

const OPCODES = { 0: 'continuation', 1: 'text', 2: 'binary', 8: 'close', 9: 'ping', 10: 'pong' };

/** What a compressed message ends with, and leaves out (RFC 7692, 7.2.1). */
const TAIL = Buffer.from([0, 0, 255, 255]);

/** How far back a compressed message may refer, over the messages before it. */
const WINDOW_BYTES = 32_768;

export class ClientMessages {
  #rest = Buffer.alloc(0);
  /** The message whose last frame has not come. */
  #begun = null;
  /** The end of all that was inflated. */
  #window = Buffer.alloc(0);

  /** The messages that are whole with these bytes: kind, and text, bytes, or code and reason. */
  take(bytes) {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    const whole = [];
    for (let frame; (frame = this.#frame()); ) {
      const message = this.#join(frame);
      if (message) whole.push(told(message));
    }
    return whole;
  }

  /** The next frame, once it is there whole. */
  #frame() {
    const rest = this.#rest;
    if (rest.length < 2) return null;
    const short = rest[1] & 127;
    const sized = short < 126 ? 2 : short === 126 ? 4 : 10;
    if (rest.length < sized + 4) return null;
    const length = short < 126 ? short : short === 126 ? rest.readUInt16BE(2) : Number(rest.readBigUInt64BE(2));
    const end = sized + 4 + length;
    if (rest.length < end) return null;
    if ((rest[1] & 128) === 0) throw new Error('a frame of a client is not masked');
    const mask = rest.subarray(sized, sized + 4);
    const payload = Buffer.from(rest.subarray(sized + 4, end));
    for (let at = 0; at < length; at += 1) payload[at] ^= mask[at % 4];
    this.#rest = rest.subarray(end);
    const kind = OPCODES[rest[0] & 15];
    if (kind === undefined || (rest[0] & 48) !== 0) throw new Error(`a frame begins with ${rest[0]}`);
    return { kind, fin: (rest[0] & 128) !== 0, deflated: (rest[0] & 64) !== 0, payload };
  }

  /** The message that this frame completes. Those about the link come between the parts of another. */
  #join({ kind, fin, deflated, payload }) {
    if (kind !== 'continuation' && kind !== 'text' && kind !== 'binary') return { kind, payload };
    const message = kind === 'continuation' ? this.#begun : { kind, deflated, parts: [] };
    message.parts.push(payload);
    this.#begun = fin ? null : message;
    if (!fin) return null;
    const whole = Buffer.concat(message.parts);
    return { kind: message.kind, payload: message.deflated ? this.#inflate(whole) : whole };
  }

  #inflate(payload) {
    const dictionary = this.#window.length > 0 ? { dictionary: this.#window } : {};
    const options = { finishFlush: constants.Z_SYNC_FLUSH, ...dictionary };
    const inflated = inflateRawSync(Buffer.concat([payload, TAIL]), options);
    this.#window = Buffer.concat([this.#window, inflated]).subarray(-WINDOW_BYTES);
    return inflated;
  }
}

function told({ kind, payload }) {
  switch (kind) {
    case 'text':
      return { kind, text: payload.toString() };
    case 'close':
      return { kind, code: payload.length < 2 ? 1005 : payload.readUInt16BE(), reason: payload.toString('utf8', 2) };
    default:
      return { kind, base64: payload.toString('base64') };
  }
}
