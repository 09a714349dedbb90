// Handshakes that fail: however they do, a page is told the same, and nothing of why.

import { assert } from 'chai';
import { alike } from '../support/alike';
import { next, story } from '../support/events';
import { at, newId, observed } from '../support/server';
import type { Subject } from '../support/subject';

const FAILED = ['error in 3', 'close 1006 "" unclean in 3'];

const BROKEN = [
  'garbage', 'binary', 'silence', 'cut', 'ok', 'redirect', 'wrong accept', 'no accept', 'no upgrade',
  'wrong upgrade', 'no connection', 'unknown extension',
];

export function handshakes(subject: Subject): void {
  const { make } = subject;

  for (const status of [400, 401, 403, 404, 407, 429, 500, 503]) {
    it(`fails when it is refused with ${status}`, async () => {
      assert.deepEqual(await story(make(at('/refused', { status }))), FAILED);
    });
  }

  for (const how of BROKEN) {
    it(`fails when the answer is broken: ${how}`, async () => {
      assert.deepEqual(await story(make(at('/broken', { how }))), FAILED);
    });
  }

  for (const how of ['two accepts', 'two protocols']) {
    it(`does with ${how} what this browser does`, () =>
      alike(subject, (make) => story(make(at('/broken', { how }), ['one', 'two']))));
  }

  it('fails where nobody listens', async () => {
    // Port 9 is nobody's: the discard service has not been seen in decades. Browsers block it, too.
    assert.deepEqual(await story(make('ws://127.0.0.1:9/')), FAILED);
    assert.deepEqual(await story(make('ws://127.0.0.1:65534/')), FAILED);
  });

  it('fails when the answer names a protocol that nobody asked for', async () => {
    // Firefox sometimes leaves the error event out.
    const told = await story(make(at('/broken', { how: 'unasked protocol' })));
    assert.equal(told.at(-1), FAILED[1]);
  });

  it('fails as this browser does when the server speaks no TLS', () =>
    alike(subject, (make) => story(make(at('/echo').replace('ws:', 'wss:')))));

  it('fails with a CloseEvent that says nothing', async () => {
    const { code, reason, wasClean } = await next(make(at('/refused', { status: 401 })), 'close');
    assert.deepEqual({ code, reason, wasClean }, { code: 1006, reason: '', wasClean: false });
    assert.strictEqual(code, 1006);
  });

  it('never opened, in all that it says afterwards', async () => {
    const socket = make(at('/refused', { status: 401 }), ['one']);
    await next(socket, 'close');
    assert.deepEqual([socket.readyState, socket.protocol, socket.extensions], [3, '', '']);
  });

  it('tries once', async () => {
    const id = newId();
    await next(make(at('/refused', { status: 503, id })), 'close');
    assert.equal((await observed(id, { attempts: 1 })).attempts, 1);
  });

  it('can be closed while the server keeps it waiting', async () => {
    const id = newId();
    const socket = make(at('/hang', { id }));
    const told = story(socket);
    await observed(id, { attempts: 1 });
    assert.equal(socket.readyState, 0);
    socket.close();
    assert.deepEqual(await told, FAILED);
  });

  it('says where it comes from', async () => {
    const id = newId();
    await next(make(at('/echo', { id })), 'open');
    assert.equal((await observed(id)).requests[0]!.origin, location.origin);
  });
}
