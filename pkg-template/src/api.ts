// What `envsocket` and `envsocket/slim` have in common. It must not import the wasm.

export { EnvSocket, type EnvSocketEventMap } from './envsocket.js';
export { PermanentAuthError } from './errors.js';
export { createWebSocketManager, WebSocketManager } from './manager.js';
export type {
  AccessChange,
  ConnectionMetrics,
  ConnectionOptions,
  ConnectionSnapshot,
  ConnectionStatus,
  Discarded,
  Gap,
  LogEntry,
  ManagerMetrics,
  ManagerOptions,
  ManagerSnapshot,
  Payload,
  Resources,
  RoleChange,
  StatusChange,
  TerminalSize,
  Token,
  TokenRequest,
  UrlSource,
} from './types.js';
