// Code as people have written it against the package's types. It is compiled by `cargo xtask check` and
// never run: what stops compiling here breaks their builds.

import {
  type ConnectionOptions,
  type ConnectionSnapshot,
  type ConnectionStatus,
  createWebSocketManager,
  EnvSocket,
  type EnvSocketEventMap,
  type ManagerOptions,
  type ManagerSnapshot,
  type Payload,
  type Token,
  WebSocketManager,
} from 'envsocket';
import { useConnection, useConnectionStatus } from 'envsocket/react';
import { EnvSocketAddon, keepTerminal, type KeptTerminal } from 'envsocket/xterm';
import type { ITerminalAddon, Terminal } from '@xterm/xterm';

const options: ConnectionOptions = {
  url: '/ws/{project}/{env}',
  protocols: ['one', 'other'],
  connectTimeoutMs: 30_000,
  reconnectTimeoutMs: 10_000,
  backoff: { baseMs: 250, capMs: 30_000, factor: 2, stableAfterMs: 10_000 },
  maxRetries: 5,
  maxQueuedBytes: 1 << 20,
  binaryType: 'arraybuffer',
};
const managerOptions: ManagerOptions = { ...options, statusIntervalMs: 2_000 };
const token: Token = 'token';

export function callTheManager(manager: WebSocketManager = WebSocketManager): void {
  manager.configure(managerOptions);
  const connections: EnvSocket[] = [
    manager.getConnection('project', 'env'),
    manager.getConnection('project', 'env', null),
    manager.getConnection('project', 'env', token, options),
  ];
  manager.setActiveConnection('project', 'env');
  const active: ConnectionSnapshot | null = manager.getActiveConnection();
  const isActive: boolean = manager.isConnectionActive('project', 'env');
  const status: ConnectionStatus = manager.getConnectionStatus('project', 'env');
  const stopPoll: () => void = manager.pollStatus((snapshot: ManagerSnapshot) => snapshot.connections, 2_000);
  const stop: () => void = manager.subscribe(() => {});
  const snapshot: ManagerSnapshot = manager.getSnapshot();
  const { projectName, envId, label, reason, attempt, nextAttemptAt, connectedAt, protocol } =
    snapshot.connections[0]!;
  console.log(connections, active, isActive, status, projectName, envId, label, reason, attempt);
  console.log(nextAttemptAt, connectedAt, protocol, snapshot.online, snapshot.sharing, snapshot.degraded);
  manager.reconnect('project', 'env');
  manager.closeConnection('project', 'env', 1000, 'reason');
  manager.closeProject('project');
  manager.closeAll();
  stopPoll();
  stop();
  createWebSocketManager(managerOptions).closeAll();
}

/** Code that was written for the platform's WebSocket takes an EnvSocket. */
export function useAsWebSocket(socket: WebSocket = new EnvSocket(new URL('ws://host/'), 'one', options)): void {
  socket.onmessage = (event) => console.log(event.data);
  socket.addEventListener('close', (event) => console.log(event.code, event.wasClean));
  socket.send(new Uint8Array(1));
  socket.close(1000, 'reason');
}

export function useAsEnvSocket(socket: EnvSocket, payload: Payload): void {
  const names: [string | null, string | null] = [socket.projectName, socket.envId];
  const status: ConnectionStatus = socket.status;
  const hear = (event: EnvSocketEventMap['statuschange']) => {
    const { status, previous, reason } = event.detail;
    console.log(status, previous, reason, names);
  };
  socket.addEventListener('statuschange', hear, { once: true });
  socket.removeEventListener('statuschange', hear);
  if (status !== 'failed') socket.send(payload);
  socket.reconnect();
}

export function useInReact(terminal: Terminal): KeptTerminal | null {
  const status: ConnectionStatus = useConnectionStatus('project', 'env');
  const { connection } = useConnection('project', 'env', { token, ...options });
  if (!connection || status === 'failed') return null;
  const addon: ITerminalAddon = new EnvSocketAddon(connection);
  terminal.loadAddon(addon);
  return keepTerminal(connection, () => terminal);
}
