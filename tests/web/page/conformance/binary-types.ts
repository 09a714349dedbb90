// binaryType: its values, and from which message on it counts.

import { assert } from 'chai';
import { messages, next } from '../support/events';
import { at, saying } from '../support/server';
import type { Subject } from '../support/subject';

export function binaryTypes({ make }: Subject): void {
  it('takes its two values in every state', async () => {
    const socket = make(at('/close'));
    const both = () => {
      socket.binaryType = 'arraybuffer';
      assert.equal(socket.binaryType, 'arraybuffer');
      socket.binaryType = 'blob';
      assert.equal(socket.binaryType, 'blob');
    };
    both();
    await next(socket, 'open');
    both();
    await next(socket, 'close');
    both();
  });

  for (const bad of ['', 'Blob', 'ArrayBuffer', 'bytes', 'blob ', null, undefined, 0, {}, []]) {
    it(`ignores ${JSON.stringify(bad) ?? 'undefined'}`, () => {
      const socket = make(at('/echo'));
      socket.binaryType = 'arraybuffer';
      socket.binaryType = bad as BinaryType;
      assert.equal(socket.binaryType, 'arraybuffer');
    });
  }

  it('takes what becomes one of its values', () => {
    const socket = make(at('/echo'));
    socket.binaryType = { toString: () => 'arraybuffer' } as unknown as BinaryType;
    assert.equal(socket.binaryType, 'arraybuffer');
  });

  it('delivers a Blob by default, without a type', async () => {
    const { data } = await next(make(saying([['bytes', [1, 2, 3]]])), 'message');
    assert.instanceOf(data, Blob);
    assert.notInstanceOf(data, File);
    assert.equal((data as Blob).type, '');
    assert.deepEqual([...new Uint8Array(await (data as Blob).arrayBuffer())], [1, 2, 3]);
  });

  it('delivers an ArrayBuffer when asked to', async () => {
    const socket = make(saying([['bytes', [1, 2, 3]], ['bytes', []]]));
    socket.binaryType = 'arraybuffer';
    const [first, second] = await messages(socket, 2);
    assert.instanceOf(first!.data, ArrayBuffer);
    assert.deepEqual([...new Uint8Array(first!.data as ArrayBuffer)], [1, 2, 3]);
    assert.instanceOf(second!.data, ArrayBuffer);
    assert.equal((second!.data as ArrayBuffer).byteLength, 0);
  });

  it('delivers an empty message as an empty Blob', async () => {
    const { data } = await next(make(saying([['bytes', []]])), 'message');
    assert.instanceOf(data, Blob);
    assert.equal((data as Blob).size, 0);
  });

  it('counts for the messages after it was set', async () => {
    const socket = make(at('/echo'));
    await next(socket, 'open');
    const kinds: string[] = [];
    for (const type of ['blob', 'arraybuffer', 'blob', 'arraybuffer'] as const) {
      socket.binaryType = type;
      const answer = next(socket, 'message');
      socket.send(new Uint8Array([1]));
      kinds.push((await answer).data instanceof ArrayBuffer ? 'arraybuffer' : 'blob');
    }
    assert.deepEqual(kinds, ['blob', 'arraybuffer', 'blob', 'arraybuffer']);
  });

  it('does not turn text into anything', async () => {
    const socket = make(saying([['text', 'text']]));
    socket.binaryType = 'arraybuffer';
    assert.equal((await next(socket, 'message')).data, 'text');
  });
}
