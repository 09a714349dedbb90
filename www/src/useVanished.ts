// Closes the connections of environments that the server no longer has, here or in another window deleted.
// Touches no connection that the list never named.

import { WebSocketManager } from 'envsocket';
import { useEffect, useRef } from 'react';
import type { Project } from './api';
import { samePair } from './pair';
import { pairsOf } from './useProjects';

export function useVanished(list: readonly Project[] | null): void {
  const before = useRef<readonly Project[]>([]);
  useEffect(() => {
    if (list === null) return;
    const present = pairsOf(list);
    const vanished = pairsOf(before.current).filter((pair) => !present.some((one) => samePair(one, pair)));
    before.current = list;
    for (const { project, env } of vanished) WebSocketManager.closeConnection(project, env);
  }, [list]);
}
