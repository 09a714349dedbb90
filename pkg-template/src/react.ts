// `envsocket/react`: hooks over a manager, the page's unless a provider names another. They connect in
// effects only, so that rendering on a server or twice under StrictMode does nothing. They must not import
// the wasm: `envsocket` or `envsocket/slim` brings it.

import {
  createContext,
  createElement,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useInsertionEffect,
  useMemo,
  useSyncExternalStore,
} from 'react';

import { ChannelUse, SILENCE, type UseChannelResult } from './channel-use.js';
import { ConnectionUse, type HookManager, NOTHING, type UseConnectionOptions } from './connection-use.js';
import type { EnvSocket } from './envsocket.js';
import { pageManager } from './manager.js';
import { type QuestionState, QuestionUse, UNASKED } from './question-use.js';
import type {
  ChannelOptions,
  ConnectionSnapshot,
  ConnectionStatus,
  Payload,
  WebSocketManager,
} from './types.js';

export type { UseChannelResult } from './channel-use.js';
export type { UseConnectionOptions } from './connection-use.js';
export { AnswerError, BusyError, PermanentAuthError } from './errors.js';

/** What {@link useConnection} knows and can do. */
export interface UseConnectionResult {
  /**
   * The pair's connection; null on the server and until the first effect. After its final close it stays,
   * until the pair has a new one.
   */
  readonly connection: EnvSocket | null;
  /** Its entry in the manager's snapshot, which says why it is not connected and when it tries again. */
  readonly snapshot: ConnectionSnapshot | null;
  readonly status: ConnectionStatus;
  readonly isActive: boolean;
  // The commands stay the same functions for as long as the pair does.
  /**
   * As `EnvSocket.send`.
   * @throws DOMException `InvalidStateError` when disabled and there is no connection, too.
   */
  readonly send: (data: Payload) => void;
  /** Tries again now, in every state; after the final close it begins a new life. @throws as `send` */
  readonly reconnect: () => void;
  /** As `WebSocketManager.closeConnection`. */
  readonly close: (code?: number, reason?: string) => void;
  /** Makes it the active one. */
  readonly setActive: () => void;
}

/** What {@link useActiveConnection} knows and can do. */
export interface UseActiveConnectionResult {
  readonly active: ConnectionSnapshot | null;
  /** As `WebSocketManager.setActiveConnection`; the same function for as long as the manager is. */
  readonly setActive: (projectName: string, envId: string) => void;
}

/** What {@link useQuestion} knows and can do. */
export interface UseQuestionResult extends QuestionState {
  /**
   * As `EnvSocket.ask`; without a connection it rejects with `InvalidStateError`. The same function for as long as the
   * connection is. A question goes on when the component has unmounted: a `signal` gives it up.
   */
  readonly ask: EnvSocket['ask'];
}

export interface EnvSocketProviderProps {
  /** One that `createWebSocketManager` made. The same one each time: another one is another page. */
  readonly manager: WebSocketManager;
  readonly children?: ReactNode;
}

// Null stands for the page's manager, so that server rendering does not touch it.
const ManagerContext = createContext<WebSocketManager | null>(null);

/** Names the manager of the hooks below it. Without one, they use the page's. */
export function EnvSocketProvider({ manager, children }: EnvSocketProviderProps): ReactNode {
  return createElement(ManagerContext.Provider, { value: manager }, children);
}

/**
 * Connects to an environment, or shares the connection that it has. Unmounting leaves it alive in the
 * background, unless `closeOnUnmount` asks for its close.
 * @throws what `WebSocketManager.getConnection` throws, to the nearest error boundary.
 */
export function useConnection(
  projectName: string,
  envId: string,
  options: UseConnectionOptions = {},
): UseConnectionResult {
  const manager = useManager();
  const { token, enabled = true } = options;
  const use = useMemo(
    () => new ConnectionUse(manager, projectName, envId, options),
    // Later options come by the effect below.
    [manager, projectName, envId],
  );
  // Before every other effect. A pair that is being left keeps the handlers that were rendered for it.
  useInsertionEffect(() => {
    use.options = options;
  });
  // No layout effects: Suspense ends those of what it hides, and messages would be lost meanwhile.
  useEffect(() => (enabled ? use.start() : undefined), [use, enabled]);
  useEffect(() => {
    if (enabled) use.replaceToken(token);
  }, [use, enabled, token]);

  const { connection, snapshot } = useSyncExternalStore(manager.subscribe, use.look, () => NOTHING);
  const { send, reconnect, close, setActive } = use;
  const { status = 'disconnected', isActive = false } = snapshot ?? {};
  return { connection, snapshot, status, isActive, send, reconnect, close, setActive };
}

/** The pair's status; `'disconnected'` for one never seen, and on the server. Connects nothing. */
export function useConnectionStatus(projectName: string, envId: string): ConnectionStatus {
  const manager = useManager();
  return useSyncExternalStore(
    manager.subscribe,
    () => manager.getConnectionStatus(projectName, envId),
    () => 'disconnected',
  );
}

/** The active connection; null when there is none, and on the server. */
export function useActiveConnection(): UseActiveConnectionResult {
  const manager = useManager();
  const active = useSyncExternalStore(
    manager.subscribe,
    () => manager.getSnapshot().active,
    () => null,
  );
  const setActive = useCallback(
    (projectName: string, envId: string) => manager.setActiveConnection(projectName, envId),
    [manager],
  );
  return { active, setActive };
}

/** All connections, in the order of project and environment; none on the server. */
export function useConnections(): readonly ConnectionSnapshot[] {
  const manager = useManager();
  return useSyncExternalStore(
    manager.subscribe,
    () => manager.getSnapshot().connections,
    () => NONE,
  );
}

/**
 * What a channel of a connection has had, and what comes. It opens the channel in an effect; another life of the
 * connection brings another history. After unmounting the channel goes on in the background, until its connection is
 * over or `connection.channel(name).close()` ends it.
 * @throws what `EnvSocket.channel` throws, to the nearest error boundary.
 */
export function useChannel<T = unknown>(
  connection: EnvSocket | null,
  name: string,
  { history }: ChannelOptions = {},
): UseChannelResult<T> {
  const use = useMemo(() => new ChannelUse(connection, name, history), [connection, name, history]);
  return useSyncExternalStore(use.start, use.look, () => SILENCE) as UseChannelResult<T>;
}

/** The question of a connection, and the way to ask one. */
export function useQuestion(connection: EnvSocket | null): UseQuestionResult {
  const use = useMemo(() => new QuestionUse(connection), [connection]);
  const { canAcceptQuestion, currentQuestion } = useSyncExternalStore(use.start, use.look, () => UNASKED);
  return { ask: use.ask, canAcceptQuestion, currentQuestion };
}

const NONE: readonly ConnectionSnapshot[] = [];

function useManager(): HookManager {
  return (useContext(ManagerContext) as HookManager | null) ?? pageManager;
}
