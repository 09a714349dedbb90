// Input that is too old, too much at once, or too large.

import { assert } from 'chai';
import { next } from '../support/events';
import { LATE, statusIs } from '../support/manager';
import { control, observed } from '../support/server';
import { attached, detail } from '../support/v1';

/** Until the clock has moved on: everything from before is older than 1 ms. */
async function older(): Promise<void> {
  const start = performance.now();
  while (performance.now() - start < 5) await new Promise((resolve) => setTimeout(resolve));
}

export function input(): void {
  it('discards all that the server lacks, once the oldest of it is older than maxInputAgeMs', async () => {
    const { id, socket, heard, cut, manager } = await attached({ maxInputAgeMs: 1, backoff: LATE });
    socket.send('in time');
    await observed(id, { inputs: 1 });
    await cut();
    socket.send('old');
    await older();
    socket.send('younger');
    const discarded = detail(socket, 'discarded');
    socket.reconnect();
    assert.deepEqual(await discarded, { messages: 2, bytes: 10, reason: 'older than maxInputAgeMs' });
    await statusIs(socket, 'connected');
    socket.send('new');
    assert.deepEqual((await observed(id, { inputs: 2 })).inputs, ['in time', 'new']);
    assert.deepEqual([heard.opens, heard.gaps, manager.getMetrics().discarded], [1, [], 2]);
    assert.deepEqual((await observed(id)).skips, undefined);
  });

  it('says up to where nothing will come, when what was too old had a number', async () => {
    const { id, socket, cut } = await attached({ maxInputAgeMs: 1, backoff: LATE });
    await control(id, 'cutAfter', { kind: 'input', count: 1 });
    const lost = statusIs(socket, 'reconnecting');
    for (const text of ['taken', 'cut off', 'cut off, too']) socket.send(text);
    await lost;
    await older();
    const discarded = detail(socket, 'discarded');
    socket.reconnect();
    assert.include(await discarded, { messages: 2 });
    assert.deepEqual((await observed(id, { skips: 1 })).skips, [3]);
    await statusIs(socket, 'connected');
    socket.send('new');
    assert.deepEqual((await observed(id, { inputs: 2 })).inputs, ['taken', 'new']);
    // A miscount would be found in the next hello.
    await cut();
    socket.reconnect();
    await statusIs(socket, 'connected');
    socket.send('newer');
    assert.deepEqual((await observed(id, { inputs: 3 })).inputs, ['taken', 'new', 'newer']);
  });

  it('sends the oldest input, if nobody has set an age', async () => {
    const { id, socket, heard, cut } = await attached({ backoff: LATE });
    await cut();
    socket.send('old');
    await older();
    socket.reconnect();
    assert.deepEqual((await observed(id, { inputs: 1 })).inputs, ['old']);
    assert.deepEqual(heard.discarded, []);
  });

  it('sends no more than the credit at a time, and all of it in the end', async () => {
    const { id, socket } = await attached({}, { credit: 200 });
    const texts = Array.from({ length: 20 }, (_, at) => String.fromCharCode(97 + at).repeat(50));
    for (const text of texts) socket.send(text);
    assert.isAbove(socket.bufferedAmount, 0);
    assert.deepEqual((await observed(id, { inputs: 20 })).inputs, texts);
  });

  it('discards a message that is larger than the server takes, and lives on', async () => {
    const { id, socket, heard } = await attached({}, { maxMessage: 100 });
    socket.send('small');
    socket.send('x'.repeat(101));
    socket.send('x'.repeat(100));
    const { inputs } = await observed(id, { inputs: 2 });
    assert.deepEqual(inputs!.map((input) => (input as string).length), [5, 100]);
    assert.deepEqual(heard.discarded, [{ messages: 1, bytes: 101, reason: 'larger than the server takes' }]);
    assert.equal(socket.status, 'connected');
  });

  it('says at the end what was not surely taken', async () => {
    const { id, socket, heard } = await attached({ maxRetries: 0 }, { acks: 'none' });
    socket.send('taken, but nobody said so');
    await observed(id, { inputs: 1 });
    const closed = next(socket, 'close');
    await control(id, 'cut');
    await closed;
    assert.deepInclude(heard.gaps[0], { direction: 'out', from: 1, to: 1 });
  });
}
