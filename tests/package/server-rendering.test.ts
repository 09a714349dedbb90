// React on a server: hooks render, connect nothing and need no engine.

import { createElement } from 'react';
import { renderToString } from 'react-dom/server';
import { expect, test } from 'vitest';

import { WebSocketManager } from 'envsocket';
import {
  useActiveConnection,
  useChannel,
  useConnection,
  useConnections,
  useConnectionStatus,
  useQuestion,
} from 'envsocket/react';

function Shell() {
  const { connection, snapshot, status, isActive } = useConnection('project', 'env', { token: 'secret' });
  const pair = [connection, snapshot, status, isActive, useConnectionStatus('project', 'other')];
  const all = [useActiveConnection().active, useConnections().length];
  return createElement('p', null, [...pair, ...all].map(String).join(' '));
}

function Hasty() {
  const { send, reconnect } = useConnection('project', 'env', { enabled: false });
  const refused = [() => send('early'), reconnect].map((call) => {
    try {
      return call();
    } catch (error) {
      return (error as DOMException).name;
    }
  });
  return createElement('p', null, refused.join());
}

function Chat() {
  const { connection } = useConnection('project', 'env');
  const { data, history } = useChannel(connection, 'log');
  const { canAcceptQuestion, currentQuestion } = useQuestion(connection);
  return createElement('p', null, [data, history.length, canAcceptQuestion, currentQuestion].map(String).join(' '));
}

test('hooks render on a server and connect nothing', () => {
  const rendered = renderToString(createElement(Shell));
  expect(rendered).toBe('<p>null null disconnected false disconnected null 0</p>');
  expect(renderToString(createElement(Chat))).toBe('<p>undefined 0 false null</p>');
  expect(Symbol.for('envsocket.page') in globalThis).toBe(false);
});

test('a disabled hook connects nothing, not even for what is called during its first render', () => {
  expect(renderToString(createElement(Hasty))).toBe('<p>InvalidStateError,InvalidStateError</p>');
  expect(WebSocketManager.getSnapshot().connections).toEqual([]);
});
