// What `envsocket` and `envsocket/slim` have in common. It must not import the wasm.

export { EnvSocket, type EnvSocketEventMap } from './envsocket.js';
export { AnswerError, BusyError, PermanentAuthError } from './errors.js';
export { createWebSocketManager, WebSocketManager } from './manager.js';
export type {
  AccessChange,
  AskOptions,
  Channel,
  ChannelListener,
  ChannelOptions,
  ConnectionMetrics,
  ConnectionOptions,
  ConnectionSnapshot,
  ConnectionStatus,
  Discarded,
  Durations,
  Gap,
  LogEntry,
  ManagerMetrics,
  ManagerOptions,
  ManagerSnapshot,
  Payload,
  Question,
  QuestionMetrics,
  Resources,
  RoleChange,
  StatusChange,
  TerminalSize,
  Token,
  TokenRequest,
  UrlSource,
} from './types.js';
