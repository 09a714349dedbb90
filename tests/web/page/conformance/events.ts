// The events themselves: their types, their attributes, and what they point to.

import { assert } from 'chai';
import { next, opened, turn } from '../support/events';
import { at, saying } from '../support/server';
import type { Subject } from '../support/subject';

/** What an event is while it is dispatched, and afterwards. */
async function caught<E extends Event>(socket: WebSocket, type: string): Promise<{ event: E; during: object }> {
  let during = {};
  const event = await new Promise<E>((resolve) => {
    socket.addEventListener(type, (event) => {
      during = {
        target: event.target === socket,
        currentTarget: event.currentTarget === socket,
        srcElement: event.srcElement === (socket as EventTarget),
        phase: event.eventPhase,
        path: event.composedPath().map((target) => target === socket),
      };
      resolve(event as E);
    });
  });
  return { event, during };
}

const DURING = { target: true, currentTarget: true, srcElement: true, phase: 2, path: [true] };

function assertPlain(event: Event, socket: WebSocket, type: string): void {
  assert.equal(event.type, type);
  assert.isFalse(event.bubbles);
  assert.isFalse(event.cancelable);
  assert.isFalse(event.composed);
  assert.isFalse(event.defaultPrevented);
  assert.isTrue(event.returnValue);
  assert.isFalse(event.cancelBubble);
  assert.isAbove(event.timeStamp, 0);
  // After the dispatch: still from it, but on its way no more.
  assert.equal(event.target, socket);
  assert.equal(event.srcElement, socket);
  assert.isNull(event.currentTarget);
  assert.equal(event.eventPhase, 0);
  assert.deepEqual(event.composedPath(), []);
}

export function events({ make }: Subject): void {
  it('opens with an Event', async () => {
    const socket = make(at('/echo'));
    const { event, during } = await caught(socket, 'open');
    await turn();
    assert.deepEqual(during, DURING);
    assertPlain(event, socket, 'open');
    assert.equal(Object.getPrototypeOf(event), Event.prototype);
    assert.equal(String(event), '[object Event]');
  });

  it('fails with an Event', async () => {
    const socket = make(at('/refused', { status: 500 }));
    const { event, during } = await caught(socket, 'error');
    await turn();
    assert.deepEqual(during, DURING);
    assertPlain(event, socket, 'error');
    assert.equal(Object.getPrototypeOf(event), Event.prototype);
  });

  it('closes with a CloseEvent', async () => {
    const socket = make(at('/close', { code: 4000, reason: 'why' }));
    const { event, during } = await caught<CloseEvent>(socket, 'close');
    await turn();
    assert.deepEqual(during, DURING);
    assertPlain(event, socket, 'close');
    assert.instanceOf(event, CloseEvent);
    assert.equal(Object.getPrototypeOf(event), CloseEvent.prototype);
    assert.equal(String(event), '[object CloseEvent]');
    assert.deepEqual([event.code, event.reason, event.wasClean], [4000, 'why', true]);
  });

  for (const [what, step] of [
    ['text', ['text', 'data']],
    ['binary', ['bytes', [1]]],
  ] as const) {
    it(`delivers ${what} in a MessageEvent`, async () => {
      const socket = make(saying([step as ['text', string]]));
      const { event, during } = await caught<MessageEvent>(socket, 'message');
      await turn();
      assert.deepEqual(during, DURING);
      assertPlain(event, socket, 'message');
      assert.instanceOf(event, MessageEvent);
      assert.instanceOf(event, Event);
      assert.equal(String(event), '[object MessageEvent]');
      assert.equal(Object.prototype.toString.call(event), '[object MessageEvent]');
      assert.equal(event.origin, `ws://${location.host}`);
      assert.equal(event.lastEventId, '');
      assert.isNull(event.source);
      assert.deepEqual([...event.ports], []);
    });
  }

  it('has the same data however often it is asked', async () => {
    const { data } = await next(make(saying([['bytes', [1, 2]]])), 'message').then((event) => ({
      data: [event.data, event.data] as unknown[],
    }));
    assert.strictEqual(data[0], data[1]);
  });

  it('gives every listener the same event', async () => {
    const socket = make(saying([['text', 'one']]));
    const heard: Event[] = [];
    socket.addEventListener('message', (event) => heard.push(event));
    socket.onmessage = (event) => heard.push(event);
    socket.addEventListener('message', { handleEvent: (event: Event) => heard.push(event) });
    await next(socket, 'message');
    assert.equal(heard.length, 3);
    assert.equal(new Set(heard).size, 1);
  });

  it('cannot be cancelled', async () => {
    const socket = make(saying([['text', 'one']]));
    socket.onmessage = (event) => event.preventDefault();
    const event = await next(socket, 'message');
    assert.isFalse(event.defaultPrevented);
  });

  it('may be sent on to another target', async () => {
    const socket = make(saying([['text', 'passed on']]));
    const event = await next(socket, 'message');
    const other = new EventTarget();
    let heard: [unknown, EventTarget | null] | null = null;
    other.addEventListener('message', (passed) => {
      heard = [(passed as MessageEvent).data, passed.currentTarget];
    });
    await turn();
    other.dispatchEvent(event);
    assert.deepEqual(heard, ['passed on', other]);
    assert.equal(event.target, other);
  });

  it('may be made anew from what it says', async () => {
    const event = await next(make(saying([['text', 'again']])), 'message');
    const copy = new MessageEvent(event.type, event as unknown as MessageEventInit);
    assert.equal(copy.data, 'again');
    assert.equal(copy.origin, `ws://${location.host}`);
  });

  it('may be dispatched on the socket again', async () => {
    const socket = make(saying([['text', 'twice']]));
    const event = await next(socket, 'message');
    await turn();
    const again = next(socket, 'message');
    socket.dispatchEvent(event);
    assert.strictEqual(await again, event);
  });

  it('stays readable after the socket has closed', async () => {
    const socket = await opened(make(at('/echo')));
    socket.send('kept');
    const event = await next(socket, 'message');
    socket.close();
    await next(socket, 'close');
    assert.equal(event.data, 'kept');
    assert.equal(event.target, socket);
  });
}
