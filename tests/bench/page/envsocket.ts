// EnvSocket as an application has it: from the page's manager, with its defaults. What only it has, the
// manager's calls and the wasm's memory, is offered beside.

import { wasmBytes } from './wasm-memory.js';
import { WebSocketManager } from 'envsocket';

import { offer } from './contender.js';
import { managerCalls } from './manager-calls.js';

let opened = 0;

// The pool keeps 64 unless it is told: the idle connections are more.
WebSocketManager.configure({ binaryType: 'arraybuffer', maxConnections: 1_000 });
offer((url) => WebSocketManager.getConnection('bench', `env-${opened++}`, null, { url }));
window.extras = { wasmBytes, managerCalls };
