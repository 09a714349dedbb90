// A server that does not keep to the protocol: it is told what it did, and the client begins a new session.

import { assert } from 'chai';
import { next } from '../support/events';
import { control, observed } from '../support/server';
import { attached, detail } from '../support/v1';

const mark = (frame: object) => `\0${JSON.stringify(frame)}`;
const counts = { sent: 0, received: 0, consumed: 0 };

const BAD: [what: string, text: string, reason: RegExp][] = [
  ['a mark and no JSON', '\0hello', /not a JSON object/],
  ['a mark and nothing', '\0', /not a JSON object/],
  ['an array', '\0[]', /not a JSON object/],
  ['null', '\0null', /not a JSON object/],
  ['a number', '\u00007', /not a JSON object/],
  ['an object without a type', '\0{}', /without a `type`/],
  ['an unknown type', mark({ type: 'sudo' }), /unknown control frame `sudo`/],
  ['an unknown type that is too long for a close reason', mark({ type: 'ä'.repeat(200) }), /unknown control frame `ä{16}`/],
  ["a frame of the client's", mark({ type: 'skip', to: 1 }), /unknown control frame `skip`/],
  ['a field of another type', mark({ type: 'ack', ...counts, sent: '0' }), /ack: `sent`/],
  ['a field that is missing', mark({ type: 'size', cols: 80 }), /size: `rows`/],
  ['a number with a fraction', mark({ type: 'size', cols: 80.5, rows: 24 }), /size: `cols`/],
  ['a miscount', mark({ type: 'ping', ...counts, sent: 7 }), /miscount/],
  ['an acknowledgement of what was not sent', mark({ type: 'ack', ...counts, received: 3 }), /./],
  ['a gap from elsewhere', mark({ type: 'gap', from: 9, to: 9, reason: 'x', snapshot: false }), /./],
  ['a second welcome', mark({ type: 'welcome', epoch: '0'.repeat(32), received: 0, next: 1, live: 0, heartbeatMs: 1000, window: 1000, credit: 1000, maxMessage: 1000, controller: true }), /./],
];

export function violations(): void {
  for (const [what, text, reason] of BAD) {
    it(`closes with 4400 for ${what}, says why, and begins a new session`, async () => {
      const { id, socket, heard, say, until } = await attached();
      const gap = detail(socket, 'gap');
      const reopened = next(socket, 'open');
      await control(id, 'raw', { text });
      const [close] = (await observed(id, { closes: 1 })).closes;
      assert.equal(close!.code, 4400);
      assert.match(close!.reason, reason);
      assert.deepEqual(await gap, { direction: 'in', from: 1, to: null, reason: 'protocol', snapshot: false });
      await reopened;
      assert.lengthOf((await observed(id)).sessions!, 2);
      await say('from the new one');
      assert.deepEqual(await until(1), ['from the new one']);
      assert.lengthOf(heard.messages, 1, 'no control frame has reached the application');
    });
  }

  it('is failed by a second violation within a minute', async () => {
    const { id, socket } = await attached();
    const reopened = next(socket, 'open');
    await control(id, 'raw', { text: '\0{}' });
    await reopened;
    const closed = next(socket, 'close');
    await control(id, 'raw', { text: '\0{}' });
    assert.equal((await closed).code, 4400);
    assert.equal(socket.status, 'failed');
  });

  it('refuses data before the welcome, and tells nobody of it', async () => {
    const { id, socket, heard } = await attached({}, { early: 'too early' });
    const { closes } = await observed(id, { closes: 1 });
    assert.equal(closes[0]!.code, 4400);
    assert.match(closes[0]!.reason, /before the welcome/);
    assert.equal(socket.status, 'connected');
    assert.deepEqual(heard.messages, []);
  });

  it('ignores fields that it does not know', async () => {
    const { id, heard, say, until } = await attached();
    await control(id, 'raw', { text: mark({ type: 'pong', ...counts, mood: { good: [true] } }) });
    await say('still here');
    assert.deepEqual(await until(1), ['still here']);
    assert.deepEqual(heard.gaps, []);
    assert.lengthOf((await observed(id)).closes, 0);
  });
}
