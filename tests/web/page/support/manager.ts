// A manager for each test, and what its connections become.
// Must not: wait for time to pass.

import { assert } from 'chai';
import {
  createWebSocketManager,
  type ConnectionOptions,
  type ConnectionSnapshot,
  type ConnectionStatus,
  type EnvSocket,
  type ManagerOptions,
  type WebSocketManager,
} from 'envsocket';
import { newId } from './server';

let managers: WebSocketManager[] = [];

/** Retries so late that no test sees it: what happens earlier has another cause. */
export const LATE = { baseMs: 600_000, capMs: 600_000 };

/** Retries at once. */
export const SOON = { baseMs: 1, capMs: 1 };

/**
 * How often a server must refuse for a connection to wait for its next attempt: what is refused for the first time
 * is tried at once without subprotocols, in case it was those.
 */
export const BEFORE_IT_WAITS = 2;

export function newManager(options: ManagerOptions = {}): WebSocketManager {
  const manager = createWebSocketManager(options);
  managers.push(manager);
  return manager;
}

/** A connection of a manager of its own. */
export function connection(options: ConnectionOptions & ManagerOptions): {
  socket: EnvSocket;
  manager: WebSocketManager;
  snapshot(): ConnectionSnapshot;
} {
  const manager = newManager(options);
  const env = newId();
  const socket = manager.getConnection('project', env);
  return { socket, manager, snapshot: () => row(manager, env) };
}

export function row(manager: WebSocketManager, env: string): ConnectionSnapshot {
  const found = manager.getSnapshot().connections.find((connection) => connection.envId === env);
  assert.isDefined(found);
  return found!;
}

/** Resolves as soon as the socket's status is this one, which it may be already. */
export function statusIs(socket: EnvSocket, wanted: ConnectionStatus): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = new AbortController();
    const look = () => {
      if (socket.status === wanted) {
        done.abort();
        resolve();
      } else if (socket.readyState === 3) {
        done.abort();
        reject(new Error(`it is ${socket.status}, and was to be ${wanted}`));
      }
    };
    socket.addEventListener('statuschange', look, { signal: done.signal });
    look();
  });
}

/** Resolves once this is true of the manager's snapshot; it is looked at on every change. */
export function until<T>(manager: WebSocketManager, look: () => T | null | undefined | false): Promise<T> {
  return new Promise((resolve) => {
    const check = () => {
      const found = look();
      if (!found) return;
      stop();
      resolve(found);
    };
    const stop = manager.subscribe(check);
    check();
  });
}

/** Closes what the tests have left, which must leave nothing. */
export async function closeManagers(): Promise<void> {
  for (const manager of managers) manager.closeAll();
  for (const manager of managers) {
    await until(manager, () => manager.getSnapshot().connections.every(({ status }) => status !== 'disconnecting'));
  }
  managers = [];
}
