// Ends that the server makes: every code, none, and links that break.

import { assert } from 'chai';
import { alike } from '../support/alike';
import { next, opened, story } from '../support/events';
import { at, control, newId, saying, type Step } from '../support/server';
import type { Subject } from '../support/subject';

/** Its story, the server's act being an answer: what breaks right after a handshake may hide the open event. */
function told(socket: WebSocket): Promise<string[]> {
  socket.addEventListener('open', () => socket.send('go'));
  return story(socket);
}

export function serverCloses(subject: Subject): void {
  const { make } = subject;

  for (const code of [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4401, 4999]) {
    it(`tells the server's ${code} and its reason`, async () => {
      const socket = make(at('/close', { code, reason: 'said the server' }));
      assert.deepEqual(await story(socket), ['open () in 1', `close ${code} "said the server" clean in 3`]);
    });
  }

  it('says 1005 when the server gave no code', async () => {
    assert.deepEqual(await story(make(at('/close'))), ['open () in 1', 'close 1005 "" clean in 3']);
  });

  it('keeps a reason of 123 bytes whole', async () => {
    const reason = '日'.repeat(41);
    const closed = await next(make(at('/close', { code: 3000, reason })), 'close');
    assert.equal(closed.reason, reason);
  });

  it('answers a close that comes in answer to a message', async () => {
    const socket = make(at('/close', { code: 4000, on: 'message' }));
    socket.onopen = () => socket.send('go');
    assert.deepEqual(await story(socket), ['open () in 1', 'close 4000 "" clean in 3']);
  });

  for (const code of [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535]) {
    it(`takes the server's ${code}, which is none, as this browser does`, () =>
      alike(subject, (make) => told(make(at('/close', { code, on: 'message' })))));
  }

  it('says 1006 when the link breaks, unclean', async () => {
    const id = newId();
    const socket = await opened(make(at('/quiet', { id })));
    const told = story(socket);
    await control(id, 'drop');
    assert.match((await told).at(-1) ?? '', /^close 1006 "" unclean in 3$/);
  });

  for (const [what, steps] of [
    ['a link that breaks', [['drop']]],
    ['a link that breaks after a message', [['text', 'one'], ['drop']]],
    ['a link that breaks in the middle of a message', [['half', 'a whole message'], ['drop']]],
    ['text that is no UTF-8', [['badText', [0xff, 0xfe]]]],
    ['text that ends in half a character', [['badText', [0x61, 0xe6, 0x97]]]],
    ['reserved bits', [['badFrame', 0xf1]]],
    ['an unknown opcode', [['badFrame', 0x83]]],
    ['a continuation of nothing', [['badFrame', 0x80]]],
    ['a ping in fragments', [['badFrame', 0x09]]],
    ['a close frame of one byte', [['badClose', [3]]]],
    ['a close reason that is no UTF-8', [['badClose', [3, 232, 0xff]]]],
  ] as [string, Step[]][]) {
    it(`takes ${what} as this browser does`, () =>
      alike(subject, (make) => told(make(saying(steps, 'message')))));
  }

  it('takes a link that broke while it was closing as this browser does', () =>
    alike(subject, async (make) => {
      const id = newId();
      const socket = await opened(make(at('/mute', { id })));
      const told = story(socket);
      socket.close(1000);
      await control(id, 'drop');
      return told;
    }));
}
