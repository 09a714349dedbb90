// The interface object and its prototype: what code asks of a class before it makes one.

import { assert } from 'chai';
import { assertThrows } from '../support/events';
import { at } from '../support/server';
import type { Subject } from '../support/subject';

const CONSTANTS = { CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 };
const READ_ONLY = ['url', 'readyState', 'bufferedAmount', 'extensions', 'protocol'] as const;
const WRITABLE = ['onopen', 'onerror', 'onclose', 'onmessage', 'binaryType'] as const;
const METHODS = ['send', 'close'] as const;

export function interfaceShape({ make, Interface }: Subject): void {
  for (const [name, value] of Object.entries(CONSTANTS)) {
    for (const [where, object] of [
      ['the class', Interface],
      ['its prototype', Interface.prototype],
    ] as const) {
      it(`has ${name} on ${where}, fixed`, () => {
        const descriptor = Object.getOwnPropertyDescriptor(object, name);
        assert.deepEqual(descriptor, { value, writable: false, enumerable: true, configurable: false });
      });
    }
    it(`has ${name} on an instance, by inheritance`, () => {
      const socket = make(at('/echo'));
      assert.equal(socket[name as 'OPEN'], value);
      assert.isFalse(Object.hasOwn(socket, name));
      assertThrows(() => ((socket as unknown as Record<string, number>)[name] = 9), 'TypeError');
    });
  }

  for (const name of [...READ_ONLY, ...WRITABLE]) {
    it(`has ${name} as an accessor of the prototype`, () => {
      const descriptor = Object.getOwnPropertyDescriptor(Interface.prototype, name);
      assert.isFunction(descriptor?.get);
      assert.equal(typeof descriptor?.set, (WRITABLE as readonly string[]).includes(name) ? 'function' : 'undefined');
      assert.isTrue(descriptor?.enumerable);
      assert.isTrue(descriptor?.configurable);
    });
  }

  for (const name of READ_ONLY) {
    it(`does not let ${name} be written`, () => {
      const socket = make(at('/echo'));
      const before = socket[name];
      assertThrows(() => ((socket as unknown as Record<string, unknown>)[name] = 'x'), 'TypeError');
      assert.equal(socket[name], before);
    });
  }

  for (const name of METHODS) {
    it(`has ${name} as a method of the prototype`, () => {
      const descriptor = Object.getOwnPropertyDescriptor(Interface.prototype, name);
      assert.isFunction(descriptor?.value);
      assert.deepInclude(descriptor, { writable: true, enumerable: true, configurable: true });
    });
  }

  it('says how many arguments it needs', () => {
    assert.equal(Interface.length, 1);
    assert.equal(Interface.prototype.send.length, 1);
    assert.equal(Interface.prototype.close.length, 0);
  });

  it('is an EventTarget and an instance of its class', () => {
    const socket = make(at('/echo'));
    assert.instanceOf(socket, EventTarget);
    assert.instanceOf(socket, Interface);
    assert.equal(Object.getPrototypeOf(Interface), EventTarget);
  });

  it('shows its attributes and methods to for-in', () => {
    const seen = new Set<string>();
    for (const name in make(at('/echo'))) seen.add(name);
    for (const name of [...Object.keys(CONSTANTS), ...READ_ONLY, ...WRITABLE, ...METHODS]) {
      assert.isTrue(seen.has(name), name);
    }
  });

  it('has no enumerable properties of its own', () => {
    assert.deepEqual(Object.keys(make(at('/echo'))), []);
  });

  it('can be subclassed', () => {
    class Own extends (Interface as unknown as new (url: string) => WebSocket) {
      extra = 'mine';
    }
    const socket = new Own(at('/echo'));
    assert.instanceOf(socket, Interface);
    assert.equal(socket.extra, 'mine');
    assert.equal(socket.url, at('/echo'));
    socket.close();
  });

  it('refuses what is no socket', () => {
    const get = (name: string) => Object.getOwnPropertyDescriptor(Interface.prototype, name)!.get!;
    assertThrows(() => get('readyState').call({}), 'TypeError');
    assertThrows(() => Interface.prototype.close.call({} as WebSocket), 'TypeError');
    assertThrows(() => Interface.prototype.send.call({} as WebSocket, 'x'), 'TypeError');
  });

  it('takes only whole argument lists', () => {
    const socket = make(at('/echo')) as unknown as { send(): void };
    assertThrows(() => socket.send(), 'TypeError');
  });
}
