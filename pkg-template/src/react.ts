// `envsocket/react`: hooks over the page's manager. They connect in effects only, so that rendering on a
// server or twice under StrictMode does nothing. They must not import the wasm: `envsocket` brings it.

import { useEffect, useMemo, useRef, useSyncExternalStore } from 'react';

import type { EnvSocket } from './envsocket.js';
import { pageManager } from './manager.js';
import type { ConnectionOptions, ConnectionStatus, Token } from './types.js';

/** What {@link useConnection} goes by. */
export interface UseConnectionOptions extends ConnectionOptions {
  /** See `WebSocketManager.getConnection`. */
  token?: Token | null;
}

/** What {@link useConnection} knows. */
export interface UseConnectionResult {
  /**
   * The pair's connection; null on the server and until the first effect. After its final close it stays,
   * until the pair has a new one.
   */
  readonly connection: EnvSocket | null;
  readonly status: ConnectionStatus;
}

/**
 * Connects to an environment, or shares the connection that it has. Unmounting leaves it alive in the
 * background. The options in force when it connects count; later ones do not reconnect.
 * @throws what `WebSocketManager.getConnection` throws, to the nearest error boundary.
 */
export function useConnection(
  projectName: string,
  envId: string,
  options: UseConnectionOptions = {},
): UseConnectionResult {
  const { token } = options;
  const latest = useRef(options);
  useEffect(() => {
    latest.current = options;
  });
  useEffect(() => {
    const { token: _, ...connectionOptions } = latest.current;
    pageManager.getConnection(projectName, envId, token, connectionOptions);
  }, [projectName, envId, token]);

  const look = useMemo(() => lookOut(projectName, envId), [projectName, envId]);
  const connection = useSyncExternalStore(pageManager.subscribe, look, () => null);
  return { connection, status: useConnectionStatus(projectName, envId) };
}

/** The pair's status; `'disconnected'` for one never seen, and on the server. Connects nothing. */
export function useConnectionStatus(projectName: string, envId: string): ConnectionStatus {
  return useSyncExternalStore(
    pageManager.subscribe,
    () => pageManager.getConnectionStatus(projectName, envId),
    () => 'disconnected',
  );
}

/** Looks for the pair's connection, and goes on seeing the last one after the pool has let go of it. */
function lookOut(projectName: string, envId: string): () => EnvSocket | null {
  let last: EnvSocket | null = null;
  return () => (last = pageManager.peek(projectName, envId) ?? last);
}
