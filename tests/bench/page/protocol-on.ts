// EnvSocket with its protocol on, and a look at whether it keeps its promise: a session that was lost would be
// the quickest.

import { wasmBytes } from './wasm-memory.js';
import { type EnvSocket, WebSocketManager } from 'envsocket';

import { offer } from './contender.js';

let opened = 0;

// The pool keeps 64 unless it is told, and floods are sent without a look at bufferedAmount.
WebSocketManager.configure({
  binaryType: 'arraybuffer',
  protocol: 'require',
  maxConnections: 1_000,
  maxQueuedBytes: Infinity,
});
offer((url) => losingNothing(WebSocketManager.getConnection('bench', `env-${opened++}`, null, { url })));
window.extras = { wasmBytes };

function losingNothing(socket: EnvSocket): EnvSocket {
  let sessions = 0;
  socket.addEventListener('open', () => {
    sessions += 1;
    if (sessions > 1) throw new Error('the session was lost');
  });
  socket.addEventListener('gap', ({ detail }) => {
    throw new Error(`a gap: ${JSON.stringify(detail)}`);
  });
  return socket;
}
