// Whether the server lets a connection only read, as React state.

import type { EnvSocket } from 'envsocket';
import { useCallback, useSyncExternalStore } from 'react';

export function useReadOnly(connection: EnvSocket): boolean {
  const subscribe = useCallback(
    (changed: () => void) => {
      connection.addEventListener('accesschange', changed);
      return () => connection.removeEventListener('accesschange', changed);
    },
    [connection],
  );
  return useSyncExternalStore(subscribe, () => connection.isReadOnly);
}
