// What one dispatch does with the listeners that there are, asked of every way in which it may come about.

import { assert } from 'chai';
import { errorsDuring } from '../support/events';
import { counts, type Way } from './ways';

export function dispatching(way: Way, open: () => Promise<WebSocket>): void {
  const { type } = way;
  let socket: WebSocket;
  let heard: string[];
  beforeEach(async () => {
    socket = await open();
    heard = [];
  });
  const hear = (name: string) => (event: Event) => {
    if (counts(event)) heard.push(name);
  };
  const happen = () => way.happen(socket);

  it('calls listeners in their order, twice for two events', async () => {
    socket.addEventListener(type, hear('one'));
    socket.addEventListener(type, hear('two'));
    await happen();
    await happen();
    assert.deepEqual(heard, ['one', 'two', 'one', 'two']);
  });

  it('calls a listener once that was added twice, and none that was removed', async () => {
    const listener = hear('one');
    socket.addEventListener(type, listener);
    socket.addEventListener(type, listener, false);
    socket.addEventListener(type, listener, { capture: false, passive: true });
    await happen();
    assert.deepEqual(heard, ['one']);
    socket.removeEventListener(type, listener, true);
    await happen();
    assert.deepEqual(heard, ['one', 'one']);
    socket.removeEventListener(type, listener);
    await happen();
    assert.deepEqual(heard, ['one', 'one']);
  });

  it('tells capturing listeners from others', async () => {
    const listener = hear('both');
    socket.addEventListener(type, listener);
    socket.addEventListener(type, listener, true);
    await happen();
    assert.deepEqual(heard, ['both', 'both']);
    socket.removeEventListener(type, listener);
    await happen();
    assert.deepEqual(heard, ['both', 'both', 'both']);
    socket.removeEventListener(type, listener, { capture: true });
    await happen();
    assert.equal(heard.length, 3);
  });

  it('calls a once listener once', async () => {
    socket.addEventListener(type, hear('once'), { once: true });
    socket.addEventListener(type, hear('always'));
    await happen();
    await happen();
    assert.deepEqual(heard, ['once', 'always', 'always']);
  });

  it('has removed a once listener before it is called', async () => {
    const again = (event: Event) => {
      if (!counts(event)) return;
      heard.push('once');
      if (heard.length === 1) socket.dispatchEvent(new MessageEvent(type, { data: 'nested' }));
    };
    socket.addEventListener(type, again, { once: true });
    await happen();
    assert.deepEqual(heard, ['once']);
  });

  it('removes by a signal, and does not add by an aborted one', async () => {
    const abort = new AbortController();
    socket.addEventListener(type, hear('one'), { signal: abort.signal });
    socket.addEventListener(type, hear('never'), { signal: AbortSignal.abort() });
    await happen();
    abort.abort();
    await happen();
    assert.deepEqual(heard, ['one']);
  });

  it('removes by a signal in the middle of a dispatch', async () => {
    const abort = new AbortController();
    socket.addEventListener(type, (event) => {
      if (counts(event)) abort.abort();
    });
    socket.addEventListener(type, hear('never'), { signal: abort.signal });
    await happen();
    assert.deepEqual(heard, []);
  });

  it('calls handleEvent of an object, looked up each time, on the object', async () => {
    const seen: unknown[] = [];
    const listener = {
      handleEvent(event: Event) {
        if (!counts(event)) return;
        seen.push(this);
        heard.push('first');
      },
    };
    socket.addEventListener(type, listener);
    await happen();
    listener.handleEvent = hear('second');
    await happen();
    assert.deepEqual(heard, ['first', 'second']);
    assert.strictEqual(seen[0], listener);
  });

  it('calls a function on the socket', async () => {
    let self: unknown;
    socket.addEventListener(type, function (this: unknown) {
      self = this;
    });
    await happen();
    assert.strictEqual(self, socket);
  });

  it('calls a function even when it has a handleEvent', async () => {
    const listener = Object.assign(hear('function'), { handleEvent: hear('object') });
    socket.addEventListener(type, listener);
    await happen();
    assert.deepEqual(heard, ['function']);
  });

  it('does not call a listener that was removed by an earlier one', async () => {
    const second = hear('second');
    socket.addEventListener(type, (event) => {
      if (!counts(event)) return;
      heard.push('first');
      socket.removeEventListener(type, second);
    });
    socket.addEventListener(type, second);
    socket.addEventListener(type, hear('third'));
    await happen();
    assert.deepEqual(heard, ['first', 'third']);
  });

  it('does not call a listener that was removed and added again by an earlier one', async () => {
    const second = hear('second');
    let first = true;
    socket.addEventListener(type, (event) => {
      if (!counts(event) || !first) return;
      first = false;
      socket.removeEventListener(type, second);
      socket.addEventListener(type, second);
    });
    socket.addEventListener(type, second);
    await happen();
    assert.deepEqual(heard, []);
    await happen();
    assert.deepEqual(heard, ['second']);
  });

  it('calls all others when a listener removes itself', async () => {
    const itself = (event: Event) => {
      if (!counts(event)) return;
      heard.push('itself');
      socket.removeEventListener(type, itself);
    };
    socket.addEventListener(type, hear('before'));
    socket.addEventListener(type, itself);
    socket.addEventListener(type, hear('after'));
    await happen();
    await happen();
    assert.deepEqual(heard, ['before', 'itself', 'after', 'before', 'after']);
  });

  it('calls a listener that was added during a dispatch from the next one on', async () => {
    let added = false;
    socket.addEventListener(type, (event) => {
      if (!counts(event)) return;
      if (!added) socket.addEventListener(type, hear('added'));
      added = true;
    });
    await happen();
    assert.deepEqual(heard, []);
    await happen();
    assert.deepEqual(heard, ['added']);
  });

  it('reports what a listener throws, and calls the others', async () => {
    const mine = new Error('mine');
    socket.addEventListener(type, (event) => {
      if (counts(event)) throw mine;
    }, { once: true });
    socket.addEventListener(type, hear('other'));
    const errors = await errorsDuring(happen);
    assert.deepEqual(heard, ['other']);
    assert.deepEqual(errors, [mine]);
  });

  it('reports what is thrown before it calls the next', async () => {
    const order: string[] = [];
    socket.addEventListener(type, (event) => {
      if (counts(event)) throw new Error('mine');
    }, { once: true });
    socket.addEventListener(type, () => order.push(`next after ${window.expectedErrors?.length ?? 0} errors`));
    await errorsDuring(happen);
    assert.equal(order[0], 'next after 1 errors');
  });

  it('reports an object whose handleEvent cannot be read', async () => {
    const mine = new RangeError('mine');
    socket.addEventListener(type, {
      get handleEvent(): (event: Event) => void {
        throw mine;
      },
    }, { once: true });
    socket.addEventListener(type, hear('other'));
    const errors = await errorsDuring(happen);
    assert.deepEqual(heard, ['other']);
    assert.deepEqual(errors, [mine]);
  });

  it('stops at stopImmediatePropagation, and at nothing less', async () => {
    socket.addEventListener(type, (event) => {
      if (!counts(event)) return;
      heard.push('one');
      event.stopPropagation();
    });
    socket.addEventListener(type, (event) => {
      if (!counts(event)) return;
      heard.push('two');
      event.stopImmediatePropagation();
    });
    socket.addEventListener(type, hear('three'));
    await happen();
    assert.deepEqual(heard, ['one', 'two']);
    await happen();
    assert.deepEqual(heard, ['one', 'two', 'one', 'two'], 'it holds for one event only');
  });

  it('makes nothing of what listeners return', async () => {
    socket.addEventListener(type, (() => false) as unknown as EventListener);
    socket.addEventListener(type, hear('next'));
    await happen();
    assert.deepEqual(heard, ['next']);
  });

  it('keeps event.target and currentTarget for every listener', async () => {
    const targets: unknown[] = [];
    const look = (event: Event) => {
      if (counts(event)) targets.push(event.target, event.currentTarget);
    };
    socket.addEventListener(type, look, true);
    socket.addEventListener(type, { handleEvent: look });
    await happen();
    assert.deepEqual(targets.map((target) => target === socket), [true, true, true, true]);
  });

  it('answers a dispatch by hand with whether it was cancelled', () => {
    socket.addEventListener(type, (event) => event.preventDefault());
    assert.isTrue(socket.dispatchEvent(new MessageEvent(type)));
    assert.isFalse(socket.dispatchEvent(new MessageEvent(type, { cancelable: true })));
  });

  it('does not listen for passive listeners that cancel', () => {
    socket.addEventListener(type, (event) => event.preventDefault(), { passive: true });
    assert.isTrue(socket.dispatchEvent(new MessageEvent(type, { cancelable: true })));
  });

  it('dispatches plain events of its type too, and refuses one that is under way', () => {
    let outcome = '';
    socket.addEventListener(type, (event) => {
      try {
        socket.dispatchEvent(event);
      } catch (error) {
        outcome = (error as DOMException).name;
      }
    });
    socket.dispatchEvent(new Event(type));
    assert.equal(outcome, 'InvalidStateError');
  });
}
