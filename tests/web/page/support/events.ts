// Waiting for what a socket does, and telling what it did. Must not: wait for time to pass.

import { assert } from 'chai';

declare global {
  interface Window {
    /** Errors of the page go here instead of to the test runner, while it is an array. */
    expectedErrors: unknown[] | null;
  }
}

/** The next event of this type. A close in its place is an error: it would be waited for in vain. */
export function next(socket: WebSocket, type: 'message'): Promise<MessageEvent>;
export function next(socket: WebSocket, type: 'close'): Promise<CloseEvent>;
export function next(socket: WebSocket, type: string): Promise<Event>;
export function next(socket: WebSocket, type: string): Promise<Event> {
  return new Promise((resolve, reject) => {
    const done = new AbortController();
    const { signal } = done;
    const hear = (event: Event) => {
      done.abort();
      resolve(event);
    };
    socket.addEventListener(type, hear, { signal });
    if (type === 'close') return;
    const closed = ({ code, reason }: CloseEvent) => {
      done.abort();
      reject(new Error(`closed with ${code} "${reason}" while waiting for ${type}`));
    };
    socket.addEventListener('close', closed as (event: Event) => void, { signal });
  });
}

/** Itself, once it is open. */
export async function opened(socket: WebSocket): Promise<WebSocket> {
  await next(socket, 'open');
  return socket;
}

/** Resolves once this was done and the socket has opened again, which may be before the doing is over. */
export async function openedAfter(socket: WebSocket, act: () => Promise<void>): Promise<void> {
  const again = next(socket, 'open');
  await Promise.all([act(), again]);
}

/** So many messages. */
export function messages(socket: WebSocket, count: number): Promise<MessageEvent[]> {
  return new Promise((resolve, reject) => {
    const heard: MessageEvent[] = [];
    const done = new AbortController();
    const { signal } = done;
    const hear = (event: MessageEvent) => {
      heard.push(event);
      if (heard.length < count) return;
      done.abort();
      resolve(heard);
    };
    socket.addEventListener('message', hear, { signal });
    const closed = () => {
      done.abort();
      reject(new Error(`closed after ${heard.length} of ${count} messages`));
    };
    socket.addEventListener('close', closed, { signal });
  });
}

/** All that it tells until it is over, in words: types, data, codes, and the state at that moment. */
export function story(socket: WebSocket): Promise<string[]> {
  const told: string[] = [];
  const tell = (text: string) => told.push(`${text} in ${socket.readyState}`);
  socket.addEventListener('open', () => tell(`open (${socket.protocol})`));
  socket.addEventListener('message', ({ data }) => tell(`message ${typeof data === 'string' ? data : 'binary'}`));
  socket.addEventListener('error', () => tell('error'));
  return new Promise((resolve) => {
    socket.addEventListener('close', ({ code, reason, wasClean }) => {
      tell(`close ${code} "${reason}" ${wasClean ? 'clean' : 'unclean'}`);
      // A second close, or an error after it, is to be part of the story: let both have their moment.
      setTimeout(() => resolve(told));
    });
  });
}

/** What a call throws, in a form that can be compared: kind and name. */
export function thrown(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof DOMException) return `DOMException ${error.name} ${error.code}`;
    return error instanceof Error ? error.name : `a ${typeof error}: ${String(error)}`;
  }
  return 'nothing';
}

export function assertThrows(act: () => unknown, name: string, about = ''): void {
  const codes: Record<string, number> = { SyntaxError: 12, InvalidAccessError: 15, InvalidStateError: 11 };
  const wanted = name in codes ? `DOMException ${name} ${codes[name]}` : name;
  assert.equal(thrown(act), wanted, about);
}

/** Newer browsers have a class of its own for it, without the old code. */
export function assertThrowsQuota(act: () => void): void {
  try {
    act();
  } catch (error) {
    assert.instanceOf(error, DOMException);
    assert.equal((error as DOMException).name, 'QuotaExceededError');
    return;
  }
  assert.fail('it did not throw');
}

/** What listeners throw while this runs, as the page's `error` event has it. */
export async function errorsDuring(act: () => unknown): Promise<unknown[]> {
  const errors: unknown[] = [];
  window.expectedErrors = errors;
  try {
    await act();
  } finally {
    window.expectedErrors = null;
  }
  return errors;
}

/** Lets everything that is due have happened. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
