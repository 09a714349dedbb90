// Code as people have written it against the package's types. It is compiled by `cargo xtask check` and
// never run: what stops compiling here breaks their builds.

import {
  type ConnectionMetrics,
  type ConnectionOptions,
  type ConnectionSnapshot,
  type ConnectionStatus,
  createWebSocketManager,
  EnvSocket,
  type EnvSocketEventMap,
  type LogEntry,
  type ManagerMetrics,
  type ManagerOptions,
  type ManagerSnapshot,
  type Payload,
  PermanentAuthError,
  type Token,
  type TokenRequest,
  type UrlSource,
  WebSocketManager,
} from 'envsocket';
import {
  EnvSocketProvider,
  PermanentAuthError as ReactPermanentAuthError,
  useActiveConnection,
  useConnection,
  useConnections,
  useConnectionStatus,
} from 'envsocket/react';
import {
  initialize,
  PermanentAuthError as SlimPermanentAuthError,
  WebSocketManager as SlimManager,
} from 'envsocket/slim';
import { EnvSocketAddon, keepTerminal, type KeptTerminal } from 'envsocket/xterm';
import type { ITerminalAddon, Terminal } from '@xterm/xterm';

const options: ConnectionOptions = {
  url: '/ws/{project}/{env}',
  protocols: ['one', 'other'],
  protocol: 'auto',
  connectTimeoutMs: 30_000,
  reconnectTimeoutMs: 10_000,
  backoff: { baseMs: 250, capMs: 30_000, factor: 2, stableAfterMs: 10_000 },
  maxRetries: 5,
  shouldReconnect: (event: CloseEvent) => event.code !== 4001,
  heartbeat: {
    message: 'ping',
    intervalMs: 15_000,
    timeoutMs: 5_000,
    isReply: (data: unknown) => data === 'pong',
  },
  maxQueuedBytes: 1 << 20,
  queuePolicy: 'dropOldest',
  maxInputAgeMs: 5_000,
  binaryType: 'arraybuffer',
  token: 'token',
  tokenTransport: 'hello',
  allowInsecureToken: true,
};
const protocols: ConnectionOptions['protocol'][] = ['auto', 'require', 'off', undefined];
const urls: UrlSource[] = [
  'wss://host/ws/{project}/{env}',
  ({ projectName, envId }) => `/ws/${projectName}/${envId}`,
  () => new URL('wss://host/'),
  async () => 'wss://host/',
  () => Promise.resolve(new URL('wss://host/')),
];
const managerOptions: ManagerOptions = {
  ...options,
  heartbeat: false,
  maxConnections: 64,
  idleTimeoutMs: 60_000,
  statusIntervalMs: 2_000,
  debug: true,
};
const token: Token = 'token';
const tokens: Token[] = [
  token,
  ({ projectName, envId, reason }: TokenRequest) => `${projectName} ${envId} ${reason}`,
  async ({ reason }) => (reason === 'rejected' ? 'another' : 'token'),
  () => {
    throw new PermanentAuthError('signed out');
  },
];
const transports: ConnectionOptions['tokenTransport'][] = [
  'hello',
  'subprotocol',
  'query',
  'firstMessage',
  'none',
  undefined,
];

export function callTheManager(manager: WebSocketManager = WebSocketManager): void {
  manager.configure(managerOptions);
  const connections: EnvSocket[] = [
    manager.getConnection('project', 'env'),
    manager.getConnection('project', 'env', null),
    manager.getConnection('project', 'env', token, options),
    ...tokens.map((token) => manager.getConnection('project', 'env', token)),
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
  const spoken: 'plain' | 'envsocket.v1' | null = protocol;
  console.log(nextAttemptAt, connectedAt, spoken, snapshot.online, snapshot.sharing, snapshot.degraded);
  const log: readonly LogEntry[] = manager.getConnectionLog('project', 'env');
  for (const { at, from, to, because } of log) console.log(new Date(at), from, to, because);
  const held: Readonly<Record<'sockets' | 'timers' | 'closures' | 'listeners' | 'retainedBytes', number>> =
    manager.debugResources();
  for (const url of urls) manager.configure({ url });
  for (const protocol of protocols) if (protocol) manager.configure({ protocol });
  for (const tokenTransport of transports) if (tokenTransport) manager.configure({ tokenTransport });
  for (const token of tokens) manager.configure({ token });
  console.log(held);
  manager.reconnect('project', 'env');
  manager.closeConnection('project', 'env', 1000, 'reason');
  manager.closeProject('project');
  manager.closeAll();
  manager.signOut();
  stopPoll();
  stop();
  createWebSocketManager(managerOptions).closeAll();
}

export function readMetrics(metrics: ManagerMetrics = WebSocketManager.getMetrics()): void {
  const one: ConnectionMetrics | undefined = metrics.connections['project/env'];
  const failures: Readonly<Record<string, number>> = metrics.failures;
  const { attempts, opens, reconnects, messagesIn, messagesOut, bytesIn, bytesOut, connectedMs } = metrics;
  const { queuedBytes, rttMs, resumed, replayed, lost, discarded, switches } = metrics;
  console.log(one?.opens, failures, attempts, opens, reconnects, messagesIn, messagesOut, bytesIn, bytesOut);
  console.log(connectedMs, queuedBytes, resumed, replayed, lost, discarded);
  if (rttMs) console.log(rttMs.last, rttMs.mean, rttMs.p50, rttMs.p99);
  console.log(switches.count, switches.p50Us, switches.p99Us);
}

export async function useSlim(module: WebAssembly.Module): Promise<void> {
  await initialize(new URL('https://host/envsocket.wasm'));
  await initialize('/envsocket.wasm');
  await initialize(fetch('/envsocket.wasm'));
  await initialize(new Uint8Array(8));
  await initialize(module);
  const manager: WebSocketManager = SlimManager;
  manager.closeAll();
}

export function errors(): Error[] {
  const classes = [PermanentAuthError, ReactPermanentAuthError, SlimPermanentAuthError];
  return classes.map((Class) => new Class('signed out', { cause: new Error('401') }));
}

/** Code that was written for the platform's WebSocket takes an EnvSocket. */
export function useAsWebSocket(url: URL): void {
  const socket: WebSocket = new EnvSocket(url, 'one', options);
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
  socket.addEventListener('gap', ({ detail }) => {
    const direction: 'in' | 'out' = detail.direction;
    const range: [from: number | null, to: number | null] = [detail.from, detail.to];
    console.log(direction, range, detail.reason, detail.snapshot ? 'a picture follows' : 'gone');
  });
  socket.addEventListener('discarded', ({ detail: { messages, bytes, reason } }) => {
    const unsent: Payload[] = socket.drain();
    console.log(messages, bytes, reason, unsent);
  });
  socket.addEventListener('accesschange', ({ detail }) => {
    const readOnly: boolean = detail.readOnly;
    console.log(readOnly, socket.isReadOnly);
  });
  if (status !== 'failed' && !socket.isReadOnly) socket.send(payload);
  socket.resize(80, 24);
  socket.reconnect();
}

export function useInReact(terminal: Terminal): KeptTerminal | null {
  const status: ConnectionStatus = useConnectionStatus('project', 'env');
  const used = useConnection('project', 'env', {
    token,
    enabled: true,
    closeOnUnmount: true,
    onOpen: (event) => console.log(event.type),
    onMessage: ({ data }) => console.log(data),
    onError: (event) => console.log(event.type),
    onClose: ({ code }) => console.log(code),
    onStatusChange: ({ detail }) => console.log(detail.status),
    onGap: ({ detail }) => console.log(detail.reason),
    onDiscarded: ({ detail }) => console.log(detail.bytes),
    onSize: ({ detail }) => console.log(detail.cols, detail.rows),
    onRoleChange: ({ detail }) => console.log(detail.controller),
    onAccessChange: ({ detail }) => console.log(detail.readOnly),
    ...options,
  });
  const { connection, snapshot, isActive, send, reconnect, close, setActive } = used;
  const row: ConnectionSnapshot | null = snapshot;
  const rows: readonly ConnectionSnapshot[] = useConnections();
  const active = useActiveConnection();
  console.log(row?.attempt, rows.length, isActive, active.active?.label);
  active.setActive('project', 'env');
  setActive();
  send('text');
  reconnect();
  close(1000, 'reason');
  if (!connection || status === 'failed') return null;
  const addon: ITerminalAddon = new EnvSocketAddon(connection);
  terminal.loadAddon(addon);
  return keepTerminal(connection, () => terminal);
}

export const provided = EnvSocketProvider({ manager: createWebSocketManager(), children: null });
