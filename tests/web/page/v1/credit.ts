// What a message listener holds on to is not consumed, and the server is told so.

import { assert } from 'chai';
import type { EnvSocket } from 'envsocket';
import { assertThrows, next } from '../support/events';
import { connection, LATE, statusIs } from '../support/manager';
import { at, control, observed } from '../support/server';
import { attached, toldThat } from '../support/v1';

/** Holds on to every message from now on; in order, what gives it up. */
function hold(socket: EnvSocket): (() => void)[] {
  const held: (() => void)[] = [];
  socket.addEventListener('message', () => held.push(socket.holdCredit()));
  return held;
}

export function credit(): void {
  it('is given back when the listeners have returned', async () => {
    const { id, say } = await attached();
    await say('one', 'two');
    await toldThat(id, 2, 2);
  });

  it('is held back until all who hold on to the message have let go', async () => {
    const { id, socket, say, until } = await attached({}, { window: 2_000 });
    const held = [...Array(2)].map(() => hold(socket));
    await say('x'.repeat(1_000));
    await until(1);
    await toldThat(id, 1, 0);
    held[0]![0]!();
    held[0]![0]!();
    await say('x'.repeat(1_000));
    await until(2);
    await toldThat(id, 2, 0);
    held[1]![0]!();
    await toldThat(id, 2, 1);
  });

  it('of a message is not given back while its listeners run, though they give back that of others', async () => {
    const { id, socket, say } = await attached({}, { window: 2_000 });
    let giveBack = () => undefined as void;
    socket.addEventListener('message', () => {
      giveBack();
      giveBack = socket.holdCredit();
    });
    for (const count of [1, 2, 3]) {
      await say('x'.repeat(1_000));
      await toldThat(id, count, count - 1);
    }
    const acks = (await observed(id)).frames!.filter(({ type }) => type === 'ack');
    assert.deepEqual(acks.map(({ received, consumed }) => [received, consumed]), [[1, 0], [2, 1], [3, 2]]);
  });

  it('is told at once by half of a window, and within a second anyhow', async () => {
    const { id, socket, say, until } = await attached({}, { window: 2_000 });
    const held = hold(socket);
    await say('x'.repeat(1_000), 'y');
    await until(2);
    await toldThat(id, 2, 0);
    held[0]!();
    await toldThat(id, 2, 1);
    held[1]!();
    await toldThat(id, 2, 2);
  });

  it('stays held over a cut, and is given back over the next link', async () => {
    const { id, socket, say, until, cut } = await attached({ backoff: LATE });
    const held = hold(socket);
    await say('one');
    await until(1);
    await cut();
    await say('two');
    socket.reconnect();
    await until(2);
    await toldThat(id, 2, 0);
    held.forEach((giveBack) => giveBack());
    await toldThat(id, 2, 2);
  });

  it('is nothing of the next session, whoever gives back late', async () => {
    const { id, socket, say, until } = await attached({ backoff: LATE });
    const held = hold(socket);
    await say('one');
    await until(1);
    await control(id, 'forget');
    socket.reconnect();
    await statusIs(socket, 'connected');
    await say('new');
    await until(2);
    held[0]!();
    await toldThat(id, 1, 0);
    held[1]!();
    await toldThat(id, 1, 1);
  });

  it('leaves nothing behind at the end', async () => {
    const { socket, manager, say, until } = await attached();
    const held = hold(socket);
    await say('one');
    await until(1);
    const closed = next(socket, 'close');
    manager.closeAll();
    await closed;
    const none = { sockets: 0, timers: 0, closures: 0, listeners: 0, retainedBytes: 0 };
    assert.deepEqual(manager.debugResources(), none);
    held[0]!();
    assert.deepEqual(manager.debugResources(), none);
  });

  it('can be held only while listeners of a message run', async () => {
    const { socket, say, until } = await attached();
    assertThrows(() => socket.holdCredit(), 'InvalidStateError');
    let inATask: Promise<void> | undefined;
    socket.addEventListener('message', () => {
      inATask = Promise.resolve().then(() => assertThrows(() => socket.holdCredit(), 'InvalidStateError'));
    });
    await say('one');
    await until(1);
    await inATask;
  });

  it('is nothing to a plain server, which sends on', async () => {
    const { socket } = connection({ url: at('/echo') });
    await next(socket, 'open');
    const held = hold(socket);
    const echo = next(socket, 'message');
    socket.send('text');
    await echo;
    assert.isUndefined(held[0]!());
  });
}
