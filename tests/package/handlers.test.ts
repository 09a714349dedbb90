// `on…` attributes and listeners of an EnvSocket, as an EventTarget of the platform has them.

import { afterEach, beforeEach, expect, test } from 'vitest';

import { createWebSocketManager, type EnvSocket } from 'envsocket';

const manager = createWebSocketManager({ url: 'ws://127.0.0.1:9/' });
let connection: EnvSocket;
let heard: string[];

beforeEach(() => {
  heard = [];
  connection = manager.getConnection('project', 'env');
});

afterEach(() => manager.closeAll());

const hear = (name: string) => () => void heard.push(name);
const dispatch = () => connection.dispatchEvent(new Event('open'));

test('a handler takes its place when it is first set and keeps it when it is replaced', () => {
  connection.addEventListener('open', hear('before'));
  connection.onopen = hear('handler');
  connection.addEventListener('open', hear('after'));
  connection.onopen = hear('replaced');
  dispatch();
  expect(heard).toEqual(['before', 'replaced', 'after']);
});

test('a handler that was taken away comes back last', () => {
  connection.onopen = hear('handler');
  connection.addEventListener('open', hear('listener'));
  connection.onopen = null;
  expect(connection.onopen).toBeNull();
  connection.onopen = hear('handler');
  dispatch();
  expect(heard).toEqual(['listener', 'handler']);
});

test('a handler is called on the connection; other objects are kept and never called', () => {
  connection.onopen = function () {
    heard.push(String(this === connection));
  };
  dispatch();
  const object = {};
  connection.onopen = object as never;
  dispatch();
  expect(connection.onopen).toBe(object);
  connection.onopen = 'no function' as never;
  dispatch();
  expect(connection.onopen).toBeNull();
  expect(heard).toEqual(['true']);
});

test('messages that are dispatched by hand reach their listeners in order', () => {
  const stop = new AbortController();
  connection.addEventListener('message', hear('first'), { once: true });
  connection.onmessage = hear('handler');
  connection.addEventListener('message', hear('until aborted'), { signal: stop.signal });
  connection.addEventListener('message', { handleEvent: (event) => void heard.push(String(event.data)) });
  connection.dispatchEvent(new MessageEvent('message', { data: 'data' }));
  stop.abort();
  connection.dispatchEvent(new MessageEvent('message', { data: 'more' }));
  expect(heard).toEqual(['first', 'handler', 'until aborted', 'data', 'handler', 'more']);
});

test('once, signal and handleEvent work as on every EventTarget', () => {
  const stop = new AbortController();
  connection.addEventListener('open', hear('once'), { once: true });
  connection.addEventListener('open', hear('until aborted'), { signal: stop.signal });
  connection.addEventListener('open', { handleEvent: hear('object') });
  dispatch();
  stop.abort();
  dispatch();
  expect(heard).toEqual(['once', 'until aborted', 'object', 'object']);
});
