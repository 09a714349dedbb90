// React on a server: hooks render, connect nothing and need no engine.

import { createElement } from 'react';
import { renderToString } from 'react-dom/server';
import { expect, test } from 'vitest';

import 'envsocket';
import { useConnection, useConnectionStatus } from 'envsocket/react';

function Shell() {
  const { connection, status } = useConnection('project', 'env', { token: 'secret' });
  return createElement('p', null, `${connection} ${status} ${useConnectionStatus('project', 'other')}`);
}

test('hooks render on a server and connect nothing', () => {
  expect(renderToString(createElement(Shell))).toBe('<p>null disconnected disconnected</p>');
  expect(Symbol.for('envsocket.page') in globalThis).toBe(false);
});
