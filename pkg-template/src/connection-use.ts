// One component's use of a pair: connects, listens to whichever connection the pair has, and hands every
// event to the handlers of the latest render. It must not know React, and must do nothing before it is
// started: React makes some that it never shows.

import { join, leave } from './connection-users.js';
import type { EnvSocket, EnvSocketEventMap } from './envsocket.js';
import type { pageManager } from './manager.js';
import type { ConnectionOptions, ConnectionSnapshot, Payload, Token, TokenRequest } from './types.js';

/**
 * What `useConnection` goes by. The connection options in force when it connects count; later ones do not
 * reconnect. Handlers may change with every render; the latest is called.
 */
export interface UseConnectionOptions extends Omit<ConnectionOptions, 'token'> {
  /**
   * See `WebSocketManager.getConnection`. Another text replaces it and does not reconnect. A function may change with
   * every render, which asks nobody: the latest is asked when a token is next needed. A user who changes is no other
   * function, but `signOut()`, or another `key` of the component.
   */
  token?: Token | null;
  /**
   * Default: true. False makes no connection and calls no handler; one that the pair has already is left
   * as it is, and can be seen.
   */
  enabled?: boolean;
  /**
   * Default: false, the connection goes on in the background. True closes it when this component has
   * unmounted or turned to another pair, as soon as no other one uses it by `useConnection`.
   */
  closeOnUnmount?: boolean;
  /** A connection that is open already does not open again: look at `status` when it matters. */
  onOpen?: (event: EnvSocketEventMap['open']) => void;
  /** Called for every message, however many arrive between two renders. */
  onMessage?: (event: EnvSocketEventMap['message']) => void;
  onError?: (event: EnvSocketEventMap['error']) => void;
  onClose?: (event: EnvSocketEventMap['close']) => void;
  onStatusChange?: (event: EnvSocketEventMap['statuschange']) => void;
  onGap?: (event: EnvSocketEventMap['gap']) => void;
  onDiscarded?: (event: EnvSocketEventMap['discarded']) => void;
  onSize?: (event: EnvSocketEventMap['size']) => void;
  onRoleChange?: (event: EnvSocketEventMap['rolechange']) => void;
  onAccessChange?: (event: EnvSocketEventMap['accesschange']) => void;
}

/** A manager as hooks need it: one that can be looked at without making a connection. @internal */
export type HookManager = typeof pageManager;

/** What a pair has at one moment. @internal */
export interface PairState {
  readonly connection: EnvSocket | null;
  readonly snapshot: ConnectionSnapshot | null;
}

/** @internal */
export const NOTHING: PairState = { connection: null, snapshot: null };

const HANDLERS = {
  open: 'onOpen',
  message: 'onMessage',
  error: 'onError',
  close: 'onClose',
  statuschange: 'onStatusChange',
  gap: 'onGap',
  discarded: 'onDiscarded',
  size: 'onSize',
  rolechange: 'onRoleChange',
  accesschange: 'onAccessChange',
} as const satisfies Record<keyof EnvSocketEventMap, keyof UseConnectionOptions>;

/** A component's functions for tokens, as one: an arrow function is another one with each render. */
class LatestToken {
  #latest: ((request: TokenRequest) => string | Promise<string>) | undefined;
  /** The connection keeps it, and nothing else of the component. */
  readonly #ask = (request: TokenRequest) => this.#latest!(request);

  use(token: Token | null | undefined): Token | null | undefined {
    if (typeof token !== 'function') return token;
    this.#latest = token;
    return this.#ask;
  }
}

/** @internal */
export class ConnectionUse {
  /** The pair's connection; one of `#heard`. */
  #current: EnvSocket | null = null;
  /** Those that it listens to: the pair's, and predecessors that are still closing. */
  readonly #heard = new Set<EnvSocket>();
  #state = NOTHING;
  readonly #token = new LatestToken();

  constructor(
    readonly manager: HookManager,
    readonly projectName: string,
    readonly envId: string,
    /** Those of the latest render that was shown; before that, of the first one. */
    public options: UseConnectionOptions,
  ) {}

  /** Connects and listens. Returns what ends the listening. */
  start(): () => void {
    const { manager, projectName, envId } = this;
    // Its messages come in later tasks: there is none before it is listened to.
    this.#follow(this.#connect());
    const follow = () => this.#follow(manager.peek(projectName, envId));
    const stop = manager.subscribe(follow);
    // What the connecting has called back may have put another one in its place.
    follow();
    return () => {
      stop();
      // Being disabled is no reason to close.
      const { closeOnUnmount = false, enabled = true } = this.options;
      for (const connection of this.#heard) this.#forget(connection, closeOnUnmount && enabled);
      this.#current = null;
    };
  }

  /** Another token for the connection that the pair has; makes none. */
  replaceToken(token: Token | null | undefined): void {
    const { manager, projectName, envId } = this;
    if (manager.peek(projectName, envId)) manager.getConnection(projectName, envId, this.#token.use(token));
  }

  /**
   * The same object until something in it changes. After its final close the connection stays, until the
   * pair has a new one.
   */
  readonly look = (): PairState => {
    const { manager, projectName, envId } = this;
    const connection = manager.peek(projectName, envId) ?? this.#state.connection;
    const { connections } = manager.getSnapshot();
    const ofPair = (row: ConnectionSnapshot) => row.envId === envId && row.projectName === projectName;
    const snapshot = connections.find(ofPair) ?? null;
    if (connection !== this.#state.connection || snapshot !== this.#state.snapshot) {
      this.#state = { connection, snapshot };
    }
    return this.#state;
  };

  readonly send = (data: Payload): void => this.#own().send(data);

  readonly reconnect = (): void => {
    const own = this.#own();
    const { enabled = true, token } = this.options;
    // A sign-out has forgotten it, and the connection may be in no pool.
    const latest = enabled ? this.#token.use(token) : null;
    if (latest != null) own.suggestToken(latest);
    own.reconnect();
  };

  readonly close = (code?: number, reason?: string): void => {
    this.manager.closeConnection(this.projectName, this.envId, code, reason);
  };

  readonly setActive = (): void => this.manager.setActiveConnection(this.projectName, this.envId);

  #connect(): EnvSocket {
    const {
      token,
      enabled,
      closeOnUnmount,
      onOpen,
      onMessage,
      onError,
      onClose,
      onStatusChange,
      onGap,
      onDiscarded,
      onSize,
      onRoleChange,
      onAccessChange,
      // The connection outlives the component and keeps its options, so nothing of the component goes along.
      ...connectionOptions
    } = this.options;
    const latest = this.#token.use(token);
    return this.manager.getConnection(this.projectName, this.envId, latest, connectionOptions);
  }

  /** Effects of children run before their parents': what they send must not find nothing. */
  #own(): EnvSocket {
    const { connection } = this.look();
    if (connection) return connection;
    if (this.options.enabled ?? true) return this.#connect();
    throw new DOMException('useConnection is disabled and the pair has no connection', 'InvalidStateError');
  }

  #follow(connection: EnvSocket | null): void {
    const before = this.#current;
    if (connection === null || connection === before) return;
    this.#current = connection;
    if (!this.#heard.has(connection)) this.#hold(connection);
    if (before !== null && before.readyState === before.CLOSED) this.#forget(before, false);
  }

  #hold(connection: EnvSocket): void {
    this.#heard.add(connection);
    join(connection);
    for (const type in HANDLERS) connection.addEventListener(type, this.#hear);
  }

  #forget(connection: EnvSocket, close: boolean): void {
    this.#heard.delete(connection);
    for (const type in HANDLERS) connection.removeEventListener(type, this.#hear);
    leave(connection, close);
  }

  readonly #hear = (event: Event): void => {
    const { target, type } = event;
    // A predecessor is over and will say no more.
    if (type === 'close' && target !== this.#current) this.#forget(target as EnvSocket, false);
    const handler = this.options[HANDLERS[type as keyof typeof HANDLERS]];
    (handler as ((event: Event) => void) | undefined)?.(event);
  };
}
