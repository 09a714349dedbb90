// onopen, onmessage, onerror, onclose: what they take, and where they stand among the listeners.

import { assert } from 'chai';
import { errorsDuring, next, opened } from '../support/events';
import { at } from '../support/server';
import type { Subject } from '../support/subject';

const TYPES = ['open', 'message', 'error', 'close'] as const;
type Name = `on${(typeof TYPES)[number]}`;
/** A socket whose handlers may be set to anything at all. */
type Careless = Omit<WebSocket, Name> & Record<Name, unknown>;

export function handlers({ make }: Subject): void {
  for (const type of TYPES) {
    const name: Name = `on${type}`;
    describe(name, () => {
      let socket: Careless;
      let heard: string[];
      beforeEach(() => {
        socket = make(at('/echo'));
        heard = [];
      });
      const hear = (what: string) => () => heard.push(what);
      const happen = (init: EventInit = {}) => socket.dispatchEvent(new Event(type, init));

      it('is null, then what was set, then null again', () => {
        const handler = () => {};
        assert.isNull(socket[name]);
        socket[name] = handler;
        assert.strictEqual(socket[name], handler);
        socket[name] = null;
        assert.isNull(socket[name]);
      });

      for (const [what, value] of [['undefined', undefined], ['a number', 5], ['a string', 'return'], ['true', true], ['a symbol', Symbol('x')]] as const) {
        it(`takes ${what} for null`, () => {
          socket[name] = hear('never');
          socket[name] = value;
          assert.isNull(socket[name]);
          happen();
          assert.deepEqual(heard, []);
        });
      }

      it('keeps an object that cannot be called, and calls nothing', async () => {
        const object = { handleEvent: hear('never') };
        socket[name] = object;
        assert.strictEqual(socket[name], object);
        assert.deepEqual(await errorsDuring(() => happen()), []);
        assert.deepEqual(heard, []);
      });

      it('stands where it was first set, whatever it is replaced by', () => {
        socket.addEventListener(type, hear('before'));
        socket[name] = hear('old');
        socket.addEventListener(type, hear('after'));
        socket[name] = hear('new');
        happen();
        assert.deepEqual(heard, ['before', 'new', 'after']);
      });

      it('stands last when it was null in between', () => {
        socket[name] = hear('handler');
        socket.addEventListener(type, hear('listener'));
        socket[name] = null;
        socket[name] = hear('handler');
        happen();
        assert.deepEqual(heard, ['listener', 'handler']);
      });

      it('may be replaced, or taken away, by a listener before it', () => {
        socket.addEventListener(type, () => (socket[name] = hear('new')), { once: true });
        socket[name] = hear('old');
        happen();
        assert.deepEqual(heard, ['new']);
        const other: Careless = make(at('/echo'));
        other.addEventListener(type, () => (other[name] = null));
        other[name] = hear('never');
        other.dispatchEvent(new Event(type));
        assert.deepEqual(heard, ['new']);
      });

      it('may be the same function as a listener, and is called for both', () => {
        const both = hear('both');
        socket[name] = both;
        socket.addEventListener(type, both);
        happen();
        assert.deepEqual(heard, ['both', 'both']);
        socket.removeEventListener(type, both);
        happen();
        assert.equal(heard.length, 3);
      });

      it('is called on the socket with the event and nothing else', () => {
        let call: unknown[] = [];
        socket[name] = function (this: unknown, ...args: unknown[]) {
          call = [this, ...args];
        };
        const event = new Event(type);
        socket.dispatchEvent(event);
        assert.deepEqual(call.map((value, index) => value === [socket, event][index]), [true, true]);
      });

      it('cancels by returning false, and by nothing else', () => {
        for (const [answer, cancelled] of [[false, true], [true, false], [undefined, false], [0, false], ['', false]] as const) {
          socket[name] = () => answer;
          assert.equal(happen({ cancelable: true }), !cancelled, String(answer));
        }
      });

      it('is reported when it throws, and stops nobody', async () => {
        const mine = new Error('mine');
        socket[name] = () => {
          throw mine;
        };
        socket.addEventListener(type, hear('next'));
        assert.deepEqual(await errorsDuring(() => happen()), [mine]);
        socket[name] = null;
        assert.deepEqual(heard, ['next']);
      });

      it('is stopped by an earlier listener', () => {
        socket.addEventListener(type, (event) => event.stopImmediatePropagation());
        socket[name] = hear('never');
        happen();
        assert.deepEqual(heard, []);
      });
    });
  }

  it('hears messages that arrive, where it was first set', async () => {
    const socket = await opened(make(at('/echo')));
    const heard: string[] = [];
    socket.addEventListener('message', () => heard.push('before'));
    socket.onmessage = () => heard.push('old');
    socket.addEventListener('message', () => heard.push('after'));
    socket.onmessage = () => heard.push('new');
    const answer = next(socket, 'message');
    socket.send('x');
    await answer;
    assert.deepEqual(heard, ['before', 'new', 'after']);
  });

  it('hears the whole life of a socket', async () => {
    const socket = make(at('/close', { on: 'message', code: 4000 }));
    const heard: string[] = [];
    for (const type of TYPES) socket[`on${type}`] = () => heard.push(type);
    await next(socket, 'open');
    socket.send('x');
    await next(socket, 'close');
    assert.deepEqual(heard, ['open', 'close']);
  });
}
