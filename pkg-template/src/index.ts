// `envsocket`: everything, with the wasm inside. For pages that want it to just work: usable
// synchronously in every bundler without configuration. Importing it does nothing but remember where the
// wasm is.

import { provideEngine } from './registry.js';
import { engineClass } from './wasm.js';

export { EnvSocket, type EnvSocketEventMap } from './envsocket.js';
export { createWebSocketManager, WebSocketManager } from './manager.js';
export type {
  ConnectionOptions,
  ConnectionSnapshot,
  ConnectionStatus,
  ManagerOptions,
  ManagerSnapshot,
  Payload,
  StatusChange,
  Token,
} from './types.js';

provideEngine(engineClass);
