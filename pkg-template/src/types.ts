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

/** What a `token` function is told: for whom a token is needed, and why. */
export type TokenRequest = {
  /** Empty, as `envId`, for an EnvSocket that was made alone. */
  projectName: string;
  envId: string;
  /**
   * - `first`: there is none yet, or somebody else has given it
   * - `expired`: the one that there is has expired, or is about to; or nobody can say, and a plain server may have
   *   refused it
   * - `rejected`: the server has refused it
   */
  reason: 'first' | 'expired' | 'rejected';
};

/**
 * What proves to the server who connects, or a function that gets it: 1 to 8192 bytes of text without spaces and line
 * breaks. A function is asked when one is needed, and the connect timeout covers it; what it throws or rejects with is a
 * failed attempt, which is retried, and the reason that people are shown, without what URLs in it keep secret. A
 * `PermanentAuthError`, or an answer that is no such text, is final. While it has not answered, it is not asked again for
 * the same pair, unless two attempts have waited for it in vain. The expiry of a JWT is read, and the function asked in
 * time for the next one.
 */
export type Token = string | ((request: TokenRequest) => string | Promise<string>);

/**
 * Where a connection goes: a template, a full URL, or a function that is asked at each attempt. What it
 * throws or rejects with is a failed attempt, which is retried, and the reason that people are shown, without
 * what URLs in it keep secret; an answer that is no URL is final. The connect timeout covers it.
 */
export type UrlSource =
  | string
  | ((key: { projectName: string; envId: string }) => string | URL | Promise<string | URL>);

/** What holds for one connection; over what the manager was configured with, over the defaults. */
export interface ConnectionOptions {
  /**
   * Resolved against the page; http becomes ws. In a template, `{project}` and `{env}` stand for the
   * percent-encoded names. Default: `/ws/{project}/{env}`.
   */
  url?: UrlSource;
  /**
   * Subprotocols to offer. They take the place of the resume protocol's: with any, `protocol` is `'off'`,
   * unless it is set afterwards or closer to the connection. Default: none.
   */
  protocols?: string | string[];
  /**
   * Whether the resume protocol, `envsocket.v1`, is spoken: a reconnect then loses nothing and doubles
   * nothing. `'auto'` offers it and makes do with a plain server; to `'require'`, a server that does not
   * speak it is a failure; `'off'` never mentions it. With `'off'` and `maxRetries: 0` an EnvSocket is a
   * WebSocket to the letter. Default: `'auto'`, for a bare `new EnvSocket` `'off'`.
   */
  protocol?: 'auto' | 'require' | 'off';
  /**
   * Proves to the server who connects. `getConnection`'s own argument wins over it. An EnvSocket that is made alone
   * has no other: not the manager's. Default: none.
   */
  token?: Token;
  /**
   * How the token is sent. To a server that speaks the resume protocol it goes in the handshake's first frame, unless
   * this is `'none'`. To a plain one nothing goes, unless this says how: as the last of the `'subprotocol'`s, in the
   * `'query'` of the URL, or as the `'firstMessage'`. Each has its risk; see the README. An EnvSocket that is made
   * alone does not go by the manager's. Default: `'hello'`.
   */
  tokenTransport?: 'hello' | 'subprotocol' | 'query' | 'firstMessage' | 'none';
  /**
   * Whether the token may go over `ws:` to anything but this machine, where others can read it on the way. Without it
   * such a connection is `failed`. An EnvSocket that is made alone does not go by the manager's. Default: false.
   */
  allowInsecureToken?: boolean;
  /**
   * How long an attempt may take until the first open, a `url` or `token` function included. Default: 30 000.
   */
  connectTimeoutMs?: number;
  /** How long an attempt may take after that. Default: 10 000. */
  reconnectTimeoutMs?: number;
  /**
   * The n-th retry waits a random time between 0 and `min(capMs, baseMs · factorⁿ)`; n starts over when
   * a connection was open for `stableAfterMs`. Default: 250, 30 000, 2, 10 000.
   */
  backoff?: { baseMs?: number; capMs?: number; factor?: number; stableAfterMs?: number };
  /** How many failures in a row are retried. Default: `Infinity`. */
  maxRetries?: number;
  /**
   * Asked after each close that the application did not ask for; the answer takes the place of the rule by
   * close codes. `maxRetries` holds all the same. One that throws is reported, and the connection retries.
   * It must answer at once: a promise is reported, and the close code decides.
   */
  shouldReconnect?: (event: CloseEvent) => boolean;
  /**
   * For plain servers that answer a message of the application's own: `message` is sent every
   * `intervalMs`, whatever `timeoutMs` is, and a connection that then hears nothing for `timeoutMs` is
   * given up and made anew. Not used where the resume protocol is spoken, which has its own.
   * Without `isReply` any message is a sign of life. With it, what it says yes to is the answer: it
   * measures the round trip and is not handed to listeners. `false` switches off what the manager was
   * configured with. Default: none.
   */
  heartbeat?:
    | false
    | { message: Payload; intervalMs: number; timeoutMs: number; isReply?: (data: unknown) => boolean };
  /** How many bytes may wait for an open socket. Default: 1 048 576. */
  maxQueuedBytes?: number;
  /**
   * What happens past that: `send` throws `QuotaExceededError`, or the oldest messages make room, with
   * a `discarded` event. Default: `'throw'`.
   */
  queuePolicy?: 'throw' | 'dropOldest';
  /**
   * For the resume protocol: if, after a reconnect, the oldest message that the server lacks is older than
   * this, all that it lacks is discarded, with one `discarded` event: half a command is never typed.
   * 0, the default: it is sent, however old. `keepTerminal` of `envsocket/xterm` makes it 5 000.
   */
  maxInputAgeMs?: number;
  /** How binary messages arrive. Default: `'blob'`, as with `WebSocket`. */
  binaryType?: BinaryType;
}

/** What holds for a manager and all its connections. */
export interface ManagerOptions extends ConnectionOptions {
  /**
   * How many connections may be held; one more closes the one in the background that was active longest
   * ago, never the active one. Default: 64.
   */
  maxConnections?: number;
  /** How long a connection may be silent in the background before it is closed. 0: for ever, the default. */
  idleTimeoutMs?: number;
  /** How often `pollStatus` calls back when it is not told. Default: 2 000. */
  statusIntervalMs?: number;
  /**
   * Tells the console of every attempt, transition, close and loss, and writes `envsocket connect …` and
   * `envsocket switch …` to the performance timeline. Secrets in URLs are left out. Default: false.
   */
  debug?: boolean;
}

/** All connections of a page, and which of them is active. */
export interface WebSocketManager {
  /**
   * Merges into the present options; what is already connected keeps its own until its next attempt.
   * @throws TypeError for a bad option; it names the option.
   * @throws DOMException `SyntaxError` for a URL or a subprotocol that is none. Nothing has changed then.
   */
  configure(options: ManagerOptions): void;
  /**
   * Creates the pair's connection or returns the one that it has. One that failed is returned as it is
   * and does not retry by itself. Another token takes the place of the one that it has and disturbs nothing: a text
   * goes to the server at once if the link speaks the resume protocol, else with the next attempt; a function is asked
   * when a token is needed. Without one, nothing changes.
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
  /** Closes all connections of a project. */
  closeProject(projectName: string): void;
  /** Closes every connection, those made alone included. */
  closeAll(): void;
  /**
   * Tries again now, in every state. No effect on a pair never seen, nor on one that has ended and left the
   * pool: that needs `getConnection`, or its EnvSocket's own `reconnect`.
   */
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
  /**
   * Sends to every pair's connection that is open and, with a `filter`, for which that says yes. Returns how many took
   * the message: not those that may only read, or have no room for it in their queue. What a filter throws is thrown, and
   * nothing was sent.
   * @throws TypeError for a bad argument; it names the argument.
   */
  broadcast(data: Payload, filter?: (connection: ConnectionSnapshot) => boolean): number;
  /** What was counted since the page began, connections that are gone included. */
  getMetrics(): ManagerMetrics;
  /**
   * The last transitions of the pair, over all its lives, oldest first; empty for a pair never seen. Of pairs
   * that have left the pool, the last 32 are remembered.
   */
  getConnectionLog(projectName: string, envId: string): readonly LogEntry[];
  /**
   * Forgets every token, those of `configure` and what is still being asked for included, and closes every connection,
   * those made alone included.
   */
  signOut(): void;
  /**
   * What is held of the platform; `listeners` counts subscriptions, polls, questions that wait and listeners of
   * channels, too. All zero after `closeAll()`, once everything is closed and the subscriptions have ended. What an
   * EnvSocket keeps for `drain` is not counted.
   */
  debugResources(): Resources;
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
  /** What the open socket speaks; null while there is none. */
  readonly protocol: 'plain' | 'envsocket.v1' | null;
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

/** The detail of `gap`. */
export interface Gap {
  /** Which way it went: to the application, or from it. */
  readonly direction: 'in' | 'out';
  /** The first message that is missing, as the resume protocol counts; null when nobody can say. */
  readonly from: number | null;
  /** The last message that is missing; null when nobody can say. */
  readonly to: number | null;
  /**
   * In words; of the resume protocol: `evicted` (it was away for too long, or too slow), `session_lost` (the
   * server has forgotten the session), `protocol` (one of the two has miscounted, and all begins anew).
   */
  readonly reason: string;
  /** Whether the next message is a picture of what the missing ones led to, such as a terminal's screen. */
  readonly snapshot: boolean;
}

/** The detail of `discarded`. */
export interface Discarded {
  readonly messages: number;
  readonly bytes: number;
  /** In words; `read-only`: by a server that lets the connection only read. */
  readonly reason: string;
}

/** The detail of `size`: a terminal's, in cells. */
export interface TerminalSize {
  readonly cols: number;
  readonly rows: number;
}

/** The detail of `rolechange`. */
export interface RoleChange {
  /** Whether the connection's terminal is from now on the one whose size and answers count. */
  readonly controller: boolean;
}

/** The detail of `accesschange`. */
export interface AccessChange {
  /** Whether the server takes nothing from the connection from now on. */
  readonly readOnly: boolean;
}

/** A question that waits for its answer. */
export interface Question {
  /** What the answer carries. */
  readonly id: string;
  /** As it was given to `ask`. */
  readonly question: unknown;
  readonly askedAt: number;
}

/** How `ask` goes about a question. */
export interface AskOptions {
  /** How long it may wait for its answer, links that are down included. `Infinity`: for ever. Default: 120 000. */
  timeoutMs?: number;
  /** Its abort gives the question up. If it is aborted already, nothing is sent. */
  signal?: AbortSignal;
  /**
   * For servers that know no ids: `'next'` takes the next message for the answer, whatever it is; a function says of
   * each whether it is the answer, and must say it at once. The question is then sent as it is, text as text and bytes
   * as bytes, anything else as JSON; the answer is the message's `data`. Default: the question is sent as
   * `{ id, question }`. The answer is the JSON object that has the same `id`: its `answer`, or, without such a member,
   * all of it. `{ type: 'error', message }`, with that `id` or with none, is an error.
   */
  answer?: 'next' | ((data: unknown) => boolean);
}

/** How much a channel keeps. */
export interface ChannelOptions {
  /** How many messages. Of several who say it for one channel, the largest counts. Default: 100. */
  history?: number;
}

/**
 * Is told of a channel's messages, oldest first. `isHistory`: it was there before, and is told to a late subscriber, or
 * by the server's `…:history` message.
 */
export type ChannelListener<T> = (data: T, isHistory: boolean) => void;

/** What a connection brings under one name. */
export interface Channel<T = unknown> {
  readonly name: string;
  /**
   * The latest messages, oldest first; frozen, and the same array until one more has come. It stays when the channel is
   * closed.
   */
  readonly history: readonly T[];
  /** By `close()`, or because the connection is over. It tells nobody anything any more. */
  readonly isClosed: boolean;
  /**
   * Tells the listener the history, before this returns, and from then on each message as it comes. What the listener
   * throws is reported, and stops nothing. Returns what ends it.
   * @throws DOMException `InvalidStateError` when it is closed.
   */
  subscribe(listener: ChannelListener<T>): () => void;
  /** Lets go of every listener, for everybody who has the channel. */
  close(): void;
}

/** What was counted of a connection, over all its sockets. */
export interface ConnectionMetrics {
  readonly attempts: number;
  readonly opens: number;
  /** Opens after the first. */
  readonly reconnects: number;
  /** How often an attempt or a socket failed, by reason. */
  readonly failures: Readonly<Record<string, number>>;
  readonly messagesIn: number;
  readonly messagesOut: number;
  /** Text counted in UTF-8. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly connectedMs: number;
  /** Without what waits for a Blob to be read. */
  readonly queuedBytes: number;
  /** Round trips of the heartbeat, the resume protocol's or the application's; null before the first. */
  readonly rttMs: Durations | null;
  /** Reconnects to the same session; 0 with plain servers, which have none. */
  readonly resumed: number;
  /** Messages received that had been sent before a reconnect's welcome; 0 with plain servers. */
  readonly replayed: number;
  /** How often something was, or may have been, lost: one for each `gap`. */
  readonly lost: number;
  /** Queued messages that were discarded; without those that waited for a Blob to be read. */
  readonly discarded: number;
  readonly questions: QuestionMetrics;
}

/** How long something took. `p50` and `p99` are of a log-scaled histogram. */
export interface Durations {
  readonly last: number;
  readonly mean: number;
  readonly p50: number;
  readonly p99: number;
}

/** What was counted of questions. */
export interface QuestionMetrics {
  /** Connections that can be asked, or have a question that waits. */
  readonly active: number;
  /** Questions that wait now. */
  readonly waiting: number;
  readonly asked: number;
  readonly answered: number;
  /** Those that had no answer, an error from the server included; without those that were refused. */
  readonly failed: number;
  /** `failed` of those that wait no more, from 0 to 1. */
  readonly errorRate: number;
  /** From asking to the answer; null before the first. */
  readonly processingMs: Durations | null;
}

/** What was counted in total, for each connection, and of switching between them. */
export interface ManagerMetrics extends ConnectionMetrics {
  /** By `${encodeURIComponent(projectName)}/${encodeURIComponent(envId)}`: labels are not unique. */
  readonly connections: Readonly<Record<string, ConnectionMetrics>>;
  /** How long `setActiveConnection` took, listeners included, in µs. */
  readonly switches: { readonly count: number; readonly p50Us: number; readonly p99Us: number };
}

/** One transition of a connection. */
export interface LogEntry {
  readonly at: number;
  /** An internal state, which says more than the public status: `waiting`, `locating`, `queued`, … */
  readonly from: string;
  readonly to: string;
  readonly because: string;
}

/** What is held of the platform. */
export type Resources = Readonly<
  Record<'sockets' | 'timers' | 'closures' | 'listeners' | 'retainedBytes', number>
>;
