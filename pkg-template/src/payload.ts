// What can be sent, converted as `WebSocket.send` converts it. It must not decide whether it is sent.

import { typeError } from './errors.js';
import { utf8Length } from './text.js';

/** What the engine takes: text, bytes, or a Blob. */
export type Message = string | Uint8Array<ArrayBuffer> | Blob;

/**
 * WebIDL's conversion to `(BufferSource or Blob or USVString)`; bytes are a view on the caller's.
 * @throws TypeError for memory that could change under way: shared, or resizable.
 */
export function toMessage(data: unknown): Message {
  if (typeof data === 'string') return data;
  // The common case needs no other view, nor the slow look at what kind of memory it is.
  if (data instanceof Uint8Array && data.byteLength > 0 && isOrdinary(data.buffer)) {
    return data as Uint8Array<ArrayBuffer>;
  }
  if (ArrayBuffer.isView(data)) {
    const { buffer } = data;
    // What a detached buffer had cannot be asked for.
    return buffer.byteLength === 0 ? bytes(buffer) : bytes(buffer, data.byteOffset, data.byteLength);
  }
  // Not `instanceof`: a buffer of another frame is a buffer too.
  switch (typeof data === 'object' && data && brand(data)) {
    case '[object ArrayBuffer]':
    case '[object SharedArrayBuffer]':
      return bytes(data as ArrayBuffer, 0, (data as ArrayBuffer).byteLength);
    case '[object Blob]':
    case '[object File]':
      return data as Blob;
    default:
      // Not String(data), which makes text of symbols too.
      return `${data as string}`;
  }
}

/** How many bytes it is on the wire. */
export function byteLength(data: string | ArrayBuffer | Uint8Array | Blob): number {
  if (typeof data === 'string') return utf8Length(data);
  return 'byteLength' in data ? data.byteLength : data.size;
}

/** Whether `toMessage` makes no text of it. */
export function isBinary(data: unknown): boolean {
  const brands = ['ArrayBuffer', 'SharedArrayBuffer', 'Blob', 'File'].map((name) => `[object ${name}]`);
  return ArrayBuffer.isView(data) || (typeof data === 'object' && data !== null && brands.includes(brand(data)));
}

/** Whether its bytes have yet to be read. */
export function isBlob(message: Message): message is Blob {
  return typeof message !== 'string' && !(message instanceof Uint8Array);
}

/** The same bytes, which nobody else can change. */
export function copied(message: Message): Message {
  return message instanceof Uint8Array ? new Uint8Array(message) : message;
}

function isOrdinary(buffer: ArrayBufferLike): boolean {
  return buffer instanceof ArrayBuffer && !(buffer as { resizable?: boolean }).resizable;
}

function bytes(buffer: ArrayBufferLike, offset = 0, length = 0): Uint8Array<ArrayBuffer> {
  if (brand(buffer) !== '[object ArrayBuffer]' || (buffer as { resizable?: boolean }).resizable) {
    throw typeError('data', 'must not be shared or resizable memory');
  }
  return length === 0 ? new Uint8Array(0) : new Uint8Array(buffer as ArrayBuffer, offset, length);
}

function brand(value: object): string {
  return Object.prototype.toString.call(value);
}
