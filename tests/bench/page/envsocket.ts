// EnvSocket as an application has it: from the page's manager, with its defaults. What only it has, the
// manager's calls and the wasm's memory, is offered beside.

import { wasmBytes } from './wasm-memory.js';
import { WebSocketManager } from 'envsocket';

import { offer } from './contender.js';
import { type ManagerCalls, managerCalls } from './manager-calls.js';

/** What the frame offers besides being a contender. */
export interface Extras {
  wasmBytes(): number;
  managerCalls: typeof managerCalls;
}

declare global {
  interface Window {
    extras?: Extras;
  }
}

export type { ManagerCalls };

let opened = 0;

// The pool keeps 64 unless it is told: the idle connections are more.
WebSocketManager.configure({ binaryType: 'arraybuffer', maxConnections: 1_000 });
offer((url) => WebSocketManager.getConnection('bench', `env-${opened++}`, null, { url }));
window.extras = { wasmBytes, managerCalls };
