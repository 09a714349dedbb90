// bufferedAmount: bytes, at once, and after the end.

import { assert } from 'chai';
import { alike } from '../support/alike';
import { next, opened } from '../support/events';
import { at } from '../support/server';
import type { Subject } from '../support/subject';

const PAYLOADS: [string, () => string | ArrayBuffer | Uint8Array<ArrayBuffer> | Blob, number][] = [
  ['ASCII', () => 'abc', 3],
  ['"日本"', () => '日本', 6],
  ['characters of two bytes', () => 'éü', 4],
  ['a surrogate pair', () => '😀', 4],
  ['half a surrogate pair', () => '\ud800', 3],
  ['an empty string', () => '', 0],
  ['long text', () => 'aé日😀'.repeat(20_000), 200_000],
  ['a buffer', () => new ArrayBuffer(10), 10],
  ['a part of a buffer', () => new Uint8Array(new ArrayBuffer(10), 2, 3), 3],
  ['a Blob', () => new Blob(['日本']), 6],
];

export function buffered(subject: Subject): void {
  const { make } = subject;

  for (const [what, payload, bytes] of PAYLOADS) {
    it(`counts ${what} in bytes, right after send()`, async () => {
      const socket = await opened(make(at('/echo')));
      socket.send(payload());
      assert.equal(socket.bufferedAmount, bytes);
      socket.send('x');
      assert.equal(socket.bufferedAmount, bytes + 1);
    });

    it(`counts ${what} that is sent after close()`, async () => {
      const socket = await opened(make(at('/echo')));
      socket.close();
      socket.send(payload());
      assert.equal(socket.bufferedAmount, bytes);
    });

    it(`counts ${what} that is sent after the end`, async () => {
      const socket = await opened(make(at('/echo')));
      socket.close();
      await next(socket, 'close');
      socket.send(payload());
      assert.equal(socket.bufferedAmount, bytes);
      socket.send(payload());
      assert.equal(socket.bufferedAmount, 2 * bytes);
    });
  }

  it('is zero again when all is sent', async () => {
    const socket = await opened(make(at('/echo')));
    const answer = next(socket, 'message');
    socket.send('x'.repeat(100_000));
    await answer;
    assert.equal(socket.bufferedAmount, 0);
  });

  it('does not go back to zero at the end', async () => {
    const socket = await opened(make(at('/echo')));
    socket.close();
    socket.send('never sent');
    await next(socket, 'close');
    assert.equal(socket.bufferedAmount, 10);
  });

  it('counts what a closed connection never got to send as this browser does', () =>
    alike(subject, async (make) => {
      const socket = await opened(make(at('/quiet')));
      socket.close();
      socket.send('abc');
      socket.send(new Blob(['de']));
      socket.send(new Uint8Array(7));
      const before = socket.bufferedAmount;
      await next(socket, 'close');
      return [before, socket.bufferedAmount];
    }));

  it('counts after a failure too', async () => {
    const socket = make(at('/refused', { status: 401 }));
    await next(socket, 'close');
    assert.equal(socket.bufferedAmount, 0);
    socket.send('abc');
    assert.equal(socket.bufferedAmount, 3);
  });
}
