// How a connection on the page ended, for the line that says so. Decides nothing.

import type { EnvSocket } from 'envsocket';
import { useCallback, useSyncExternalStore } from 'react';

export interface Closing {
  /** A WebSocket close code. */
  readonly code: number;
  /** The server's words; often empty. */
  readonly reason: string;
}

const closings = new WeakMap<EnvSocket, Closing>();

/** How the connection ended; null while it has not, or when that was before anybody looked. */
export function useClosing(connection: EnvSocket): Closing | null {
  const subscribe = useCallback((changed: () => void) => watch(connection, changed), [connection]);
  return useSyncExternalStore(subscribe, () => closings.get(connection) ?? null);
}

function watch(connection: EnvSocket, changed: () => void): () => void {
  const closed = ({ code, reason }: CloseEvent) => {
    closings.set(connection, { code, reason });
    changed();
  };
  const opened = () => {
    closings.delete(connection);
    changed();
  };
  connection.addEventListener('close', closed);
  connection.addEventListener('open', opened);
  return () => {
    connection.removeEventListener('close', closed);
    connection.removeEventListener('open', opened);
  };
}
