// close(): codes, reasons, moments, and what the server sees of it.

import { assert } from 'chai';
import { alike } from '../support/alike';
import { assertThrows, next, opened, story, thrown, turn } from '../support/events';
import { at, newId, observed, saying } from '../support/server';
import type { Make, Subject } from '../support/subject';

/** close() with any arguments at all. */
function close(socket: WebSocket, ...args: unknown[]): void {
  (socket.close as (...args: unknown[]) => void).apply(socket, args);
}

/** What the server sees when an open socket is closed so. */
async function seen(make: Make, ...args: unknown[]): Promise<{ code: number; reason: string }> {
  const id = newId();
  const socket = await opened(make(at('/quiet', { id })));
  close(socket, ...args);
  await next(socket, 'close');
  return (await observed(id, { closes: 1 })).closes[0]!;
}

export function closing(subject: Subject): void {
  const { make } = subject;

  for (const code of [1000, 3000, 3001, 3999, 4000, 4998, 4999]) {
    it(`closes with ${code}, for both ends`, async () => {
      const id = newId();
      const socket = await opened(make(at('/quiet', { id })));
      socket.close(code, 'why');
      const { code: heard, reason, wasClean } = await next(socket, 'close');
      assert.deepEqual({ heard, reason, wasClean }, { heard: code, reason: 'why', wasClean: true });
      assert.deepEqual((await observed(id, { closes: 1 })).closes, [{ code, reason: 'why' }]);
    });
  }

  for (const code of [0, 500, 999, 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1011, 1014, 1015, 1016, 2000, 2999, 5000, 65_535]) {
    it(`refuses the code ${code}`, async () => {
      const socket = await opened(make(at('/echo')));
      assertThrows(() => socket.close(code), 'InvalidAccessError');
      assert.equal(socket.readyState, 1);
    });
  }

  for (const [given, became] of [
    ['3000', 3000],
    [3000.4, 3000],
    [3000.5, 3000],
    [4999.4, 4999],
    [{ valueOf: () => 3001 }, 3001],
    [[4000], 4000],
  ] as const) {
    it(`takes ${JSON.stringify(given)} for the code ${became}`, async () => {
      assert.equal((await seen(make, given)).code, became);
    });
  }

  for (const given of [null, '', 'x', Number.NaN, Infinity, -Infinity, -1000, 66_536, 4_294_968_296, true, {}, 2998.9]) {
    it(`refuses ${String(given)} (${typeof given}) as a code`, async () => {
      const socket = await opened(make(at('/echo')));
      assertThrows(() => close(socket, given), 'InvalidAccessError');
    });
  }

  it('does not take a symbol or a bigint for a code', async () => {
    const socket = await opened(make(at('/echo')));
    assertThrows(() => close(socket, Symbol('x')), 'TypeError');
    assertThrows(() => close(socket, 1000n), 'TypeError');
  });

  it('says no code when it was given none', async () => {
    assert.deepEqual(await seen(make), { code: 1005, reason: '' });
    assert.deepEqual(await seen(make, undefined), { code: 1005, reason: '' });
  });

  it('has 1005 in its close event when it was closed without a code', async () => {
    const socket = await opened(make(at('/echo')));
    socket.close();
    const { code, reason, wasClean } = await next(socket, 'close');
    assert.deepEqual([code, reason, wasClean], [1005, '', true]);
  });

  it('sends a reason without a code as this browser does', () =>
    alike(subject, async (make) => {
      const socket = await opened(make(at('/echo')));
      const outcome = thrown(() => close(socket, undefined, 'why'));
      return [outcome, outcome === 'nothing' ? await seen(make, undefined, 'why') : null];
    }, ['nothing', { code: 1005, reason: '' }]));

  for (const [what, reason, expected] of [
    ['123 bytes', 'x'.repeat(123), 'x'.repeat(123)],
    ['123 bytes in 41 characters', '日'.repeat(41), '日'.repeat(41)],
    ['characters outside the first plane', '😀'.repeat(30), '😀'.repeat(30)],
    ['half of a surrogate pair', 'a\ud800b', 'a\ufffdb'],
    ['41 halves of surrogate pairs', '\udc00'.repeat(41), '\ufffd'.repeat(41)],
    ['null', null, 'null'],
    ['a number', 5, '5'],
    ['an object', { toString: () => 'made' }, 'made'],
    ['undefined', undefined, ''],
    ['an empty string', '', ''],
  ] as const) {
    it(`takes ${what} for a reason`, async () => {
      assert.deepEqual(await seen(make, 3000, reason), { code: 3000, reason: expected });
    });
  }

  for (const [what, reason] of [
    ['124 bytes', 'x'.repeat(124)],
    ['126 bytes in 42 characters', '日'.repeat(42)],
    ['42 halves of surrogate pairs', '\ud800'.repeat(42)],
    ['124 bytes in 31 characters', '😀'.repeat(31)],
  ] as const) {
    it(`refuses a reason of ${what}`, async () => {
      const socket = await opened(make(at('/echo')));
      assertThrows(() => socket.close(1000, reason), 'SyntaxError');
      assert.equal(socket.readyState, 1);
    });
  }

  it('refuses a reason that is too long without a code as this browser does', () =>
    alike(subject, async (make) => {
      const socket = await opened(make(at('/echo')));
      return thrown(() => close(socket, undefined, 'x'.repeat(124)));
    }, 'DOMException SyntaxError 12'));

  it('does not take a symbol for a reason', async () => {
    const socket = await opened(make(at('/echo')));
    assertThrows(() => close(socket, 1000, Symbol('x')), 'TypeError');
  });

  it('looks at the code before the reason', async () => {
    const socket = await opened(make(at('/echo')));
    assertThrows(() => socket.close(999, 'x'.repeat(124)), 'InvalidAccessError');
  });

  it('converts both before it looks at either', async () => {
    const socket = await opened(make(at('/echo')));
    const bad = { toString: () => { throw new RangeError('mine'); } };
    assertThrows(() => close(socket, 999, bad), 'RangeError');
  });

  it('checks its arguments in every state', async () => {
    const socket = make(at('/echo'));
    const refuses = () => {
      assertThrows(() => socket.close(999), 'InvalidAccessError', `in ${socket.readyState}`);
      assertThrows(() => socket.close(1000, 'x'.repeat(124)), 'SyntaxError', `in ${socket.readyState}`);
    };
    refuses();
    await opened(socket);
    refuses();
    socket.close();
    refuses();
    await next(socket, 'close');
    refuses();
  });

  it('fails when it is closed before it is open', async () => {
    const socket = make(at('/echo'));
    const told = story(socket);
    socket.close();
    assert.equal(socket.readyState, 2);
    assert.deepEqual(await told, ['error in 3', 'close 1006 "" unclean in 3']);
  });

  it('fails alike with a code and a reason, before it is open', async () => {
    const socket = make(at('/echo'));
    const told = story(socket);
    socket.close(3000, 'too early');
    assert.deepEqual(await told, ['error in 3', 'close 1006 "" unclean in 3']);
  });

  it('closes once, however often it is asked to', async () => {
    const socket = await opened(make(at('/echo')));
    const told = story(socket);
    socket.close(3000, 'first');
    socket.close(3001, 'second');
    socket.close();
    assert.deepEqual(await told, ['close 3000 "first" clean in 3']);
    socket.close(3002);
    await turn();
    assert.equal(socket.readyState, 3);
  });

  it('tells nothing from within close()', async () => {
    const socket = await opened(make(at('/echo')));
    let within = true;
    socket.addEventListener('close', () => assert.isFalse(within));
    socket.close();
    within = false;
    await next(socket, 'close');
  });

  it('may be closed in its open event', async () => {
    const socket = make(at('/echo'));
    socket.onopen = () => socket.close(3000, 'that was it');
    assert.deepEqual(await story(socket), ['open () in 2', 'close 3000 "that was it" clean in 3']);
  });

  it('may be closed in a message event', async () => {
    const socket = make(saying([['text', 'only one']]));
    socket.onmessage = () => socket.close(3000);
    assert.deepEqual((await story(socket)).at(-1), 'close 3000 "" clean in 3');
  });

  for (const type of ['error', 'close'] as const) {
    it(`may be closed in its ${type} event, to no effect`, async () => {
      const socket = make(at('/refused', { status: 401 }));
      socket.addEventListener(type, () => socket.close(3000));
      assert.deepEqual(await story(socket), ['error in 3', 'close 1006 "" unclean in 3']);
    });
  }

  it('sends what was sent before it closes', async () => {
    const id = newId();
    const socket = await opened(make(at('/quiet', { id })));
    for (const text of ['one', 'two', 'three']) socket.send(text);
    socket.close(1000);
    await next(socket, 'close');
    const { messages, closes } = await observed(id, { closes: 1 });
    assert.deepEqual(messages.map(({ text }) => text), ['one', 'two', 'three']);
    assert.deepEqual(closes, [{ code: 1000, reason: '' }]);
  });

  it('sends a blob that was sent before it closes', async () => {
    const id = newId();
    const socket = await opened(make(at('/quiet', { id })));
    socket.send(new Blob(['in a blob']));
    socket.send('after it');
    socket.close(1000);
    await next(socket, 'close');
    const { messages } = await observed(id, { closes: 1 });
    assert.deepEqual(messages.map(({ bytes }) => bytes), [9, 8]);
  });

  it('hangs up on a server that was about to answer', async () => {
    const id = newId();
    const socket = make(at('/echo', { id }));
    socket.close();
    await next(socket, 'close');
    const { closes, messages } = await observed(id);
    assert.deepEqual(messages, []);
    // Nothing, or what a browser says when it drops a handshake that its network process has just finished.
    for (const { code } of closes) assert.include([1001, 1006], code);
  });
}
