// What is lost all the same is announced: which messages, and why.

import { assert } from 'chai';
import { next } from '../support/events';
import { LATE, statusIs } from '../support/manager';
import { control, observed } from '../support/server';
import { attached, detail, numbered } from '../support/v1';

export function gaps(): void {
  it('tells the numbers of what the server has not kept, and goes on after them', async () => {
    const { id, socket, heard, say, until, cut, manager } = await attached({ backoff: LATE });
    await say(...numbered(2));
    await until(2);
    await cut();
    const gap = detail(socket, 'gap');
    await say(...numbered(3, 3));
    await control(id, 'evict');
    await say('line 6');
    socket.reconnect();
    assert.deepEqual(await gap, { direction: 'in', from: 3, to: 5, reason: 'evicted', snapshot: false });
    assert.deepEqual(await until(3), ['line 1', 'line 2', 'line 6']);
    assert.include(heard, { opens: 1 });
    const { lost, resumed } = manager.getMetrics();
    assert.deepEqual({ lost, resumed }, { lost: 1, resumed: 1 });
  });

  it('says that the next message is a picture of what is missing, and counts on after it', async () => {
    const { id, socket, heard, say, until, cut } = await attached({ backoff: LATE });
    await say(...numbered(2));
    await until(2);
    await cut();
    const order: string[] = [];
    socket.addEventListener('gap', () => order.push('gap'));
    socket.addEventListener('message', ({ data }: MessageEvent) => order.push(data as string));
    await say(...numbered(3, 3));
    await control(id, 'evict', { snapshot: 'the screen' });
    await say('line 6');
    socket.reconnect();
    await until(4);
    assert.deepEqual(order, ['gap', 'the screen', 'line 6']);
    assert.deepEqual(heard.gaps, [{ direction: 'in', from: 3, to: 5, reason: 'evicted', snapshot: true }]);
    // A count that went wrong would be found now.
    await cut();
    await say('line 7');
    socket.reconnect();
    assert.deepEqual((await until(5)).at(-1), 'line 7');
    assert.lengthOf(heard.gaps, 1);
  });

  it('announces the gap anew when the link is cut before the picture', async () => {
    const { id, socket, heard, say, until, cut } = await attached({ backoff: LATE });
    await say(...numbered(2));
    await until(2);
    await cut();
    await say(...numbered(2, 3));
    await control(id, 'evict', { snapshot: 'the screen' });
    await say('line 5');
    await control(id, 'cutAfter', { kind: 'output', count: 1 });
    const announced = detail(socket, 'gap');
    socket.reconnect();
    await announced;
    await statusIs(socket, 'reconnecting');
    socket.reconnect();
    assert.deepEqual(await until(4), ['line 1', 'line 2', 'the screen', 'line 5']);
    const gap = { direction: 'in', from: 3, to: 4, reason: 'evicted', snapshot: true } as const;
    assert.deepEqual(heard.gaps, [gap, gap]);
  });

  it('says that the session is lost, opens anew, and sends nothing of what waited for it', async () => {
    const { id, socket, heard, say, until, cut } = await attached({ backoff: LATE }, { acks: 'none' });
    await say('seen');
    await until(1);
    socket.send('arrived, but nobody said so');
    await observed(id, { inputs: 1 });
    await cut();
    socket.send('half a');
    socket.send('command');
    await control(id, 'forget');
    const reopened = next(socket, 'open');
    socket.reconnect();
    await reopened;
    assert.deepInclude(heard.gaps, { direction: 'in', from: 2, to: null, reason: 'session_lost', snapshot: false });
    assert.deepInclude(heard.gaps, { direction: 'out', from: 1, to: 1, reason: 'session_lost', snapshot: false });
    assert.lengthOf(heard.discarded, 1);
    // Not the one that may have arrived: whoever sent it again would double it.
    assert.deepInclude(heard.discarded[0], { messages: 2, bytes: 13 });
    assert.include(heard, { opens: 2 });
    socket.send('a new command');
    await say('a new prompt');
    assert.deepEqual((await until(2)).at(-1), 'a new prompt');
    const { inputs, sessions } = await observed(id, { inputs: 2 });
    assert.deepEqual(inputs, ['arrived, but nobody said so', 'a new command']);
    assert.lengthOf(sessions!, 2);
  });

  it('gives back by drain() what it did not send', async () => {
    const { id, socket, cut } = await attached({ backoff: LATE });
    await cut();
    socket.send('kept for you');
    await control(id, 'forget');
    const reopened = next(socket, 'open');
    socket.reconnect();
    await reopened;
    assert.deepEqual(socket.drain(), ['kept for you']);
    await statusIs(socket, 'connected');
  });
}
