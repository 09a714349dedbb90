// The manager's snapshot as React state. One snapshot draws the whole sidebar, so that two entries can never
// tell two different moments.

import { WebSocketManager, type ConnectionSnapshot, type ManagerSnapshot } from 'envsocket';
import { useEffect, useRef, useSyncExternalStore } from 'react';
import type { Pair } from './pair';

const subscribe = (changed: () => void) => WebSocketManager.subscribe(changed);
const snapshotNow = () => WebSocketManager.getSnapshot();

export function useManagerSnapshot(): ManagerSnapshot {
  return useSyncExternalStore(subscribe, snapshotNow);
}

export function connectionOf(snapshot: ManagerSnapshot, pair: Pair): ConnectionSnapshot | null {
  const ofPair = (connection: ConnectionSnapshot) =>
    connection.projectName === pair.project && connection.envId === pair.env;
  return snapshot.connections.find(ofPair) ?? null;
}

/** Calls back when a connection that was on its way, or there, has come to its end. */
export function useConnectionEnd(snapshot: ManagerSnapshot, ended: () => void): void {
  const before = useRef<readonly ConnectionSnapshot[]>([]);
  useEffect(() => {
    const gone = before.current.some((connection) => {
      const pair = { project: connection.projectName, env: connection.envId };
      return isLive(connection) && !isLive(connectionOf(snapshot, pair));
    });
    before.current = snapshot.connections;
    if (gone) ended();
  }, [snapshot, ended]);
}

function isLive(connection: ConnectionSnapshot | null): boolean {
  return connection !== null && connection.status !== 'disconnected' && connection.status !== 'failed';
}
