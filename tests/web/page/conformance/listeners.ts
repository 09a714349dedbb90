// EventTarget: what may be a listener, when it is heard, and where browsers go ways of their own.

import { assert } from 'chai';
import { alike } from '../support/alike';
import { assertThrows, errorsDuring, next, opened } from '../support/events';
import { at } from '../support/server';
import type { Subject } from '../support/subject';
import { dispatching } from './dispatching';
import { counts, WAYS, type Way } from './ways';

export function listeners(subject: Subject): void {
  const { make } = subject;
  for (const way of WAYS) {
    describe(way.name, () => {
      dispatching(way, () => opened(make(at('/echo'))));
      asThisBrowser(way, subject);
    });
  }

  it('has listeners for types of its user', () => {
    const socket = make(at('/echo'));
    const heard: unknown[] = [];
    socket.addEventListener('own', (event) => heard.push((event as CustomEvent).detail));
    assert.isTrue(socket.dispatchEvent(new CustomEvent('own', { detail: 7 })));
    assert.deepEqual(heard, [7]);
  });

  it('does not tell late listeners that it has opened', async () => {
    const socket = await opened(make(at('/echo')));
    socket.addEventListener('open', () => assert.fail('it was open already'));
    const answer = next(socket, 'message');
    socket.send('x');
    await answer;
  });

  it('delivers nothing after its last listener has gone, and again to a new one', async () => {
    const socket = await opened(make(at('/echo')));
    const heard: unknown[] = [];
    const hear = ({ data }: MessageEvent) => heard.push(data);
    socket.addEventListener('message', hear);
    socket.removeEventListener('message', hear);
    const unheard = new Promise((resolve) => (socket.onclose = resolve));
    socket.dispatchEvent(new MessageEvent('message', { data: 'by hand' }));
    assert.deepEqual(heard, []);
    socket.addEventListener('message', hear);
    socket.send('again');
    await next(socket, 'message');
    socket.close();
    await unheard;
    assert.deepEqual(heard, ['again']);
  });

  it('refuses to dispatch what is no event', () => {
    const socket = make(at('/echo'));
    assertThrows(() => socket.dispatchEvent({} as Event), 'TypeError');
    assertThrows(() => socket.dispatchEvent(null as unknown as Event), 'TypeError');
    assertThrows(() => (socket as unknown as { dispatchEvent(): void }).dispatchEvent(), 'TypeError');
  });

  it('refuses listeners that are none', () => {
    const socket = make(at('/echo')) as unknown as {
      addEventListener(...args: unknown[]): void;
      removeEventListener(...args: unknown[]): void;
    };
    for (const type of ['message', 'close']) {
      for (const bad of [5, 'x', true, Symbol('x')]) {
        assertThrows(() => socket.addEventListener(type, bad), 'TypeError', `${type} ${String(bad)}`);
        assertThrows(() => socket.removeEventListener(type, bad), 'TypeError', `${type} ${String(bad)}`);
      }
      assertThrows(() => socket.addEventListener(type), 'TypeError');
      assertThrows(() => socket.removeEventListener(type), 'TypeError');
      assertThrows(() => socket.addEventListener(type, () => {}, { signal: 'no signal' }), 'TypeError');
      assertThrows(() => socket.addEventListener(type, () => {}, { signal: null }), 'TypeError');
      socket.addEventListener(type, null);
      socket.addEventListener(type, undefined);
      socket.removeEventListener(type, null);
    }
    assertThrows(() => socket.addEventListener(), 'TypeError');
  });
}

/** Where browsers go ways of their own, a WebSocket being no node of a tree. */
function asThisBrowser(way: Way, subject: Subject): void {
  const { type } = way;

  it('calls capturing listeners when this browser does', () =>
    alike(subject, async (make) => {
      const socket = await opened(make(at('/echo')));
      const heard: string[] = [];
      const hear = (name: string) => (event: Event) => {
        if (counts(event)) heard.push(name);
      };
      socket.addEventListener(type, hear('first'));
      socket.addEventListener(type, hear('capturing'), true);
      socket.addEventListener(type, hear('last'));
      await way.happen(socket);
      return heard;
    }, ['capturing', 'first', 'last']));

  it('reports an object without a handleEvent as this browser does', () =>
    alike(subject, async (make) => {
      const socket = await opened(make(at('/echo')));
      socket.addEventListener(type, {} as EventListenerObject, { once: true });
      const errors = await errorsDuring(() => way.happen(socket));
      return errors.map((error) => (error as Error).name);
    }, ['TypeError']));

  it('takes an event that was stopped before its dispatch as this browser does', () =>
    alike(subject, (make) => {
      const socket = make(at('/echo'));
      const heard: string[] = [];
      socket.addEventListener(type, () => heard.push('heard'), { once: true });
      const event = new Event(type);
      event.stopPropagation();
      socket.dispatchEvent(event);
      const first = heard.length;
      socket.dispatchEvent(event);
      return [first, heard.length];
    }));
}
