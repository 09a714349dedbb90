// send(): every type, the moment of the copy, sizes, order, and the states in which it does not send.

import { assert } from 'chai';
import { alike } from '../support/alike';
import { assertThrows, messages, next, opened, thrown } from '../support/events';
import { at, newId, observed } from '../support/server';
import type { Make, Subject } from '../support/subject';

/** send() with any arguments at all. */
function send(socket: WebSocket, ...args: unknown[]): void {
  (socket.send as (...args: unknown[]) => void).apply(socket, args);
}

/** What comes back of it: text as it is, binary as its bytes. */
async function echoed(make: Make, data: unknown): Promise<string | number[]> {
  const socket = make(at('/echo'));
  socket.binaryType = 'arraybuffer';
  await opened(socket);
  const answer = next(socket, 'message');
  send(socket, data);
  const { data: back } = await answer;
  return typeof back === 'string' ? back : [...new Uint8Array(back as ArrayBuffer)];
}

function bytes(length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, index) => index % 251);
}

async function sha1(data: BufferSource): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-1', data));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** All of them can be made alike, which their types do not say. */
interface View {
  readonly name: string;
  readonly BYTES_PER_ELEMENT?: number;
  new (buffer: ArrayBuffer, offset?: number, length?: number): ArrayBufferView;
}

const VIEWS: View[] = [
  Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array, Float32Array,
  Float64Array, BigInt64Array, BigUint64Array, DataView,
];

export function sending(subject: Subject): void {
  const { make } = subject;

  for (const text of ['text', '', ' ', '日本', '😀', '\u0000', '\u0000{"control":1}', '\ufeffmark', 'a\r\nb', '\u2028']) {
    it(`sends ${JSON.stringify(text)} as it is`, async () => {
      assert.equal(await echoed(make, text), text);
    });
  }

  for (const [given, became] of [
    ['a\ud800b', 'a\ufffdb'],
    ['\udc00', '\ufffd'],
    ['\ud800\ud800', '\ufffd\ufffd'],
    ['\udc00\ud800', '\ufffd\ufffd'],
  ] as const) {
    it(`sends ${JSON.stringify(given)} with its halves replaced`, async () => {
      assert.equal(await echoed(make, given), became);
    });
  }

  for (const [what, given, became] of [
    ['null', null, 'null'],
    ['undefined', undefined, 'undefined'],
    ['a number', 5.5, '5.5'],
    ['a boolean', true, 'true'],
    ['a bigint', 12n, '12'],
    ['an object', {}, '[object Object]'],
    ['an object with a toString', { toString: () => 'made' }, 'made'],
    ['an array', [1, 2], '1,2'],
    ['a String object', new String('boxed'), 'boxed'],
    ['a URL', new URL('http://localhost:9/x'), 'http://localhost:9/x'],
  ] as const) {
    it(`sends ${what} as a string`, async () => {
      assert.equal(await echoed(make, given), became);
    });
  }

  it('does not send a symbol', async () => {
    const socket = await opened(make(at('/echo')));
    assertThrows(() => send(socket, Symbol('x')), 'TypeError');
  });

  it('passes on what a conversion throws', async () => {
    const socket = await opened(make(at('/echo')));
    const bad = { toString: () => { throw new RangeError('mine'); } };
    assertThrows(() => send(socket, bad), 'RangeError');
  });

  it('returns undefined', async () => {
    const socket = await opened(make(at('/echo')));
    assert.isUndefined(socket.send('x') as unknown);
  });

  it('sends an ArrayBuffer', async () => {
    assert.deepEqual(await echoed(make, bytes(300).buffer), [...bytes(300)]);
    assert.deepEqual(await echoed(make, new ArrayBuffer(0)), []);
  });

  for (const View of VIEWS) {
    it(`sends a ${View.name}, and of a part only the part`, async () => {
      const buffer = bytes(64).buffer;
      const width = View.BYTES_PER_ELEMENT ?? 1;
      assert.deepEqual(await echoed(make, new View(buffer)), [...bytes(64)]);
      assert.deepEqual(await echoed(make, new View(buffer, 16, 16 / width)), [...bytes(64).subarray(16, 32)]);
      assert.deepEqual(await echoed(make, new View(buffer, 64)), []);
    });
  }

  for (const [what, blob, became] of [
    ['a Blob', () => new Blob(['日', 'x']), [0xe6, 0x97, 0xa5, 0x78]],
    ['an empty Blob', () => new Blob([]), []],
    ['a slice of a Blob', () => new Blob(['0123456789']).slice(3, 6), [0x33, 0x34, 0x35]],
    ['a File', () => new File(['file'], 'name.txt', { type: 'text/plain' }), [0x66, 0x69, 0x6c, 0x65]],
  ] as const) {
    it(`sends ${what}`, async () => {
      assert.deepEqual(await echoed(make, blob()), [...became]);
    });
  }

  it('tells the server text from binary', async () => {
    const id = newId();
    const socket = await opened(make(at('/quiet', { id })));
    socket.send('text');
    socket.send(new TextEncoder().encode('text'));
    socket.send(new Blob(['text']));
    const { messages } = await observed(id, { messages: 3 });
    assert.deepEqual(messages.map(({ binary }) => binary), [false, true, true]);
  });

  it('copies a buffer when it is sent', async () => {
    const id = newId();
    const socket = await opened(make(at('/quiet', { id })));
    const view = bytes(1000);
    const before = await sha1(view);
    socket.send(view);
    view.fill(0);
    socket.send(view.buffer);
    const after = await sha1(view);
    structuredClone(view.buffer, { transfer: [view.buffer] });
    const { messages } = await observed(id, { messages: 2 });
    assert.deepEqual(messages.map(({ sha1 }) => sha1), [before, after]);
  });

  it('does with a detached buffer what this browser does', () =>
    alike(subject, async (make) => {
      const results: unknown[] = [];
      for (const wrap of [(b: ArrayBuffer) => b, (b: ArrayBuffer) => new Uint8Array(b), (b: ArrayBuffer) => new DataView(b)]) {
        const buffer = new ArrayBuffer(8);
        const data = wrap(buffer);
        structuredClone(buffer, { transfer: [buffer] });
        const socket = await opened(make(at('/echo')));
        results.push(thrown(() => send(socket, data)), socket.bufferedAmount);
      }
      return results;
    }));

  if (typeof SharedArrayBuffer === 'function') {
    it('does with shared memory what this browser does', () =>
      alike(subject, async (make) => {
        const shared = new SharedArrayBuffer(4);
        const results: unknown[] = [];
        for (const data of [shared, new Uint8Array(shared), new DataView(shared)]) {
          const socket = await opened(make(at('/echo')));
          const outcome = thrown(() => send(socket, data));
          results.push(outcome);
          if (outcome === 'nothing') results.push(String((await next(socket, 'message')).data));
        }
        return results;
      }));
  }

  it('does with a resizable buffer what this browser does', () =>
    alike(subject, async (make) => {
      const Resizable = ArrayBuffer as unknown as new (length: number, options: object) => ArrayBuffer;
      const buffer = new Resizable(4, { maxByteLength: 8 });
      const socket = await opened(make(at('/echo')));
      return [thrown(() => socket.send(buffer)), thrown(() => socket.send(new Uint8Array(buffer)))];
    }));

  for (const length of [125, 126, 65_535, 65_536, 65_537, 1_048_576]) {
    it(`sends ${length} bytes, text and binary`, async () => {
      const id = newId();
      const socket = await opened(make(at('/quiet', { id })));
      const text = 'abcdefghij'.repeat(Math.ceil(length / 10)).slice(0, length);
      socket.send(text);
      socket.send(bytes(length));
      const { messages } = await observed(id, { messages: 2 });
      assert.deepEqual(
        messages.map(({ binary, bytes, sha1 }) => ({ binary, bytes, sha1 })),
        [
          { binary: false, bytes: length, sha1: await sha1(new TextEncoder().encode(text)) },
          { binary: true, bytes: length, sha1: await sha1(bytes(length)) },
        ],
      );
    });
  }

  it('keeps the order of text, buffers and blobs', async () => {
    const id = newId();
    const socket = await opened(make(at('/quiet', { id })));
    socket.send('1');
    socket.send(new Blob([bytes(100_000)]));
    socket.send('333');
    socket.send(new Uint8Array(4));
    socket.send(new Blob(['55555']));
    socket.send(new Blob([]));
    socket.send('7777777');
    const { messages } = await observed(id, { messages: 7 });
    assert.deepEqual(messages.map(({ bytes }) => bytes), [1, 100_000, 3, 4, 5, 0, 7]);
  });

  it('keeps the order of a thousand messages', async () => {
    const socket = await opened(make(at('/echo')));
    const answers = messages(socket, 1000);
    for (let index = 0; index < 1000; index += 1) socket.send(`${index}`);
    const data = (await answers).map((event) => Number(event.data));
    assert.deepEqual(data, Array.from({ length: 1000 }, (_, index) => index));
  });

  it('throws before it is open', () => {
    const socket = make(at('/echo'));
    for (const data of ['x', new ArrayBuffer(1), new Uint8Array(1), new Blob(['x'])]) {
      assertThrows(() => socket.send(data), 'InvalidStateError');
    }
    assert.equal(socket.bufferedAmount, 0);
  });

  it('converts before it looks at its state', () => {
    const socket = make(at('/echo'));
    assertThrows(() => send(socket), 'TypeError');
    assertThrows(() => send(socket, Symbol('x')), 'TypeError');
    const bad = { toString: () => { throw new RangeError('mine'); } };
    assertThrows(() => send(socket, bad), 'RangeError');
  });

  it('sends nothing while it is closing or closed, and says nothing', async () => {
    const id = newId();
    const socket = await opened(make(at('/quiet', { id })));
    socket.close(1000);
    socket.send('too late');
    socket.send(new Blob(['too late']));
    await next(socket, 'close');
    socket.send('much too late');
    assert.deepEqual((await observed(id, { closes: 1 })).messages, []);
  });

  it('says nothing either when it was closed before it was open', async () => {
    const socket = make(at('/echo'));
    socket.close();
    socket.send('too late');
    await next(socket, 'close');
    socket.send('much too late');
  });
}
