// The public shapes: names, argument order, units. It must hold no code.
// Times are milliseconds; timestamps are Unix milliseconds; sizes are bytes.

import type { EnvSocket } from './envsocket.js';

/**
 * - `connecting`: until the first open, the retries in between included
 * - `connected`: a socket is open
 * - `reconnecting`: was connected and is coming back by itself
 * - `disconnecting`: the closing handshake is under way
 * - `disconnected`: never opened, closed by the user, or its environment is gone
 * - `failed`: gave up; the reason says why
 */
export type ConnectionStatus =
  | 'connecting'
  | 'connected'
  | 'reconnecting'
  | 'disconnecting'
  | 'disconnected'
  | 'failed';

/** What can be sent. Anything else is sent as text, as `WebSocket` does. */
export type Payload = string | ArrayBuffer | ArrayBufferView | Blob;

/**
 * Who connects. It is checked and kept to the page: plain servers, the only ones that this version
 * speaks to, are sent no token.
 */
export type Token = string;

/** What holds for one connection; over what the manager was configured with, over the defaults. */
export interface ConnectionOptions {
  /**
   * A template or a full URL, resolved against the page; `{project}` and `{env}` stand for the
   * percent-encoded names. Default: `/ws/{project}/{env}`.
   */
  url?: string;
  /** Subprotocols to offer. Default: none. */
  protocols?: string | string[];
  /** How long an attempt may take until the first open. Default: 30 000. */
  connectTimeoutMs?: number;
  /** How long an attempt may take after that. Default: 10 000. */
  reconnectTimeoutMs?: number;
  /**
   * The n-th retry waits a random time between 0 and `min(capMs, baseMs · factorⁿ)`; n starts over when
   * a connection was open for `stableAfterMs`. Default: 250, 30 000, 2, 10 000.
   */
  backoff?: { baseMs?: number; capMs?: number; factor?: number; stableAfterMs?: number };
  /** How many failures in a row are retried. Default: without limit. */
  maxRetries?: number;
  /** How many bytes may wait for an open socket before `send` throws. Default: 1 048 576. */
  maxQueuedBytes?: number;
  /** How binary messages arrive. Default: `'blob'`, as with `WebSocket`. */
  binaryType?: BinaryType;
}

/** What holds for a manager and all its connections. */
export interface ManagerOptions extends ConnectionOptions {
  /** How often `pollStatus` calls back when it is not told. Default: 2 000. */
  statusIntervalMs?: number;
}

/** All connections of a page, and which of them is active. */
export interface WebSocketManager {
  /** Merges into the present options; what is already connected keeps its own until its next attempt. */
  configure(options: ManagerOptions): void;
  /**
   * Creates the pair's connection or returns the one that it has. One that failed is returned as it is
   * and does not retry by itself.
   * @throws TypeError for a bad name, id, token or option; it names the argument.
   * @throws DOMException `SyntaxError` for a URL or a subprotocol that is none.
   */
  getConnection(
    projectName: string,
    envId: string,
    token?: Token | null,
    options?: ConnectionOptions,
  ): EnvSocket;
  /** One, or none, is active. An unknown pair is remembered and becomes active once it exists. */
  setActiveConnection(projectName: string, envId: string): void;
  getActiveConnection(): ConnectionSnapshot | null;
  isConnectionActive(projectName: string, envId: string): boolean;
  /** `'disconnected'` for a pair never seen. */
  getConnectionStatus(projectName: string, envId: string): ConnectionStatus;
  /**
   * Closes the pair's connection and forgets it. No effect on a pair never seen.
   * @throws DOMException `InvalidAccessError` for a code that is not 1000 or 3000 to 4999, `SyntaxError`
   * for a reason of more than 123 bytes.
   */
  closeConnection(projectName: string, envId: string, code?: number, reason?: string): void;
  closeProject(projectName: string): void;
  closeAll(): void;
  /** Tries again now, in every state. No effect on a pair never seen. */
  reconnect(projectName: string, envId: string): void;
  /**
   * Calls back every `intervalMs` (default: `statusIntervalMs`) with the snapshot, and at once on a
   * change. Returns what ends it.
   */
  pollStatus(callback: (snapshot: ManagerSnapshot) => void, intervalMs?: number): () => void;
  /** Calls back on a change, not on subscribing. Returns what ends it. Fits `useSyncExternalStore`. */
  subscribe(callback: () => void): () => void;
  /** Frozen; the same object until something in it changes. */
  getSnapshot(): ManagerSnapshot;
}

/** What a connection is at one moment. */
export interface ConnectionSnapshot {
  readonly projectName: string;
  readonly envId: string;
  /** `${projectName}-${envId}`, for people; two pairs may share one. */
  readonly label: string;
  readonly status: ConnectionStatus;
  readonly isActive: boolean;
  /** Why it is not connected; `null` when it is. */
  readonly reason: string | null;
  /** Attempts since the last open. */
  readonly attempt: number;
  readonly nextAttemptAt: number | null;
  readonly connectedAt: number | null;
  readonly protocol: 'plain' | null;
}

/** What all connections are at one moment. */
export interface ManagerSnapshot {
  /** In the order of project and environment. */
  readonly connections: readonly ConnectionSnapshot[];
  /** One of `connections`. */
  readonly active: ConnectionSnapshot | null;
  /** What the browser says of the network. */
  readonly online: boolean;
  readonly sharing: 'tab';
  /** What had to fall back, and why. */
  readonly degraded: readonly string[];
}

/** The detail of `statuschange`. */
export interface StatusChange {
  readonly status: ConnectionStatus;
  readonly previous: ConnectionStatus;
  /** Why it is not connected; `null` when it is. */
  readonly reason: string | null;
}
