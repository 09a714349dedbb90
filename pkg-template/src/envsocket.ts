// A WebSocket that outlives sockets: the platform's interface over one of the engine's connections. What
// happens is decided in the engine; here it becomes events.

import { type Core, statusName } from './core.js';
import { Handlers } from './handlers.js';
import { pageCore } from './registry.js';
import type { ConnectionOptions, ConnectionStatus, Payload, StatusChange } from './types.js';
import type { Sink } from './wasm/envsocket_bg.js';

/** The events of an {@link EnvSocket}. */
export interface EnvSocketEventMap extends WebSocketEventMap {
  /** The public status has changed. */
  statuschange: CustomEvent<StatusChange>;
}

/** What the engine hands back when it is asked for a connection. @internal */
export interface OwnedSink extends Sink {
  readonly socket: EnvSocket;
  readonly plan: Plan;
}

/** How an EnvSocket comes by its connection, for its first life and for every later one. @internal */
export class Plan {
  /** What was asked of it so far; a later life begins with all of it. */
  readonly options: ConnectionOptions;

  constructor(
    readonly core: Core,
    readonly projectName: string | null,
    readonly envId: string | null,
    options: ConnectionOptions | undefined,
    readonly begin: (sink: OwnedSink, options: ConnectionOptions) => void,
  ) {
    this.options = { ...options };
  }
}

/** The platform's conversion of a close code: `[Clamp] unsigned short`. @internal */
export function clampCode(code: number | undefined): number | undefined {
  if (code === undefined) return undefined;
  return Math.min(Math.max(Math.round(Number(code)) || 0, 0), 65_535);
}

type Listener<E extends Event> = ((this: EnvSocket, event: E) => unknown) | { handleEvent(event: E): unknown };

/**
 * A WebSocket that outlives sockets. `readyState` is `OPEN` from the first open until `close()` or
 * failure; `open` fires again after a reconnect; `close` fires once, when it is over, and `error` only
 * right before it.
 */
export class EnvSocket extends EventTarget implements WebSocket {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSING = 2;
  static readonly CLOSED = 3;

  readonly CONNECTING = 0;
  readonly OPEN = 1;
  readonly CLOSING = 2;
  readonly CLOSED = 3;

  readonly #plan: Plan;
  readonly #sink: OwnedSink;
  readonly #handlers = new Handlers(this);
  /** Where the open socket leads, for its messages. */
  #origin = '';
  /** The connection's number in the engine; until it has one, a number that none ever has. */
  #id = 0xffff_ffff;
  // What stays when the engine has let go of the connection.
  #last = { status: 'disconnected' as ConnectionStatus, url: '', protocol: '', extensions: '' };

  /**
   * @throws DOMException `SyntaxError` for a URL or a subprotocol that is none, as `WebSocket` does.
   * @throws TypeError for a bad option; it names the option.
   */
  constructor(url: string | URL, protocols?: string | string[], options?: ConnectionOptions);
  /** @internal */
  constructor(plan: Plan);
  constructor(target: string | URL | Plan, protocols?: string | string[], options?: ConnectionOptions) {
    super();
    this.#plan = target instanceof Plan ? target : alone(String(target), protocols, options);
    this.#sink = this.#makeSink();
    this.#begin();
  }

  /** The project that the pool keys it by; null for one made alone. */
  get projectName(): string | null {
    return this.#plan.projectName;
  }

  /** The environment that the pool keys it by; null for one made alone. */
  get envId(): string | null {
    return this.#plan.envId;
  }

  get status(): ConnectionStatus {
    const status = this.#engine.status(this.#id);
    if (status !== undefined) return statusName(status);
    return this.#last.status === 'failed' ? 'failed' : 'disconnected';
  }

  get readyState(): 0 | 1 | 2 | 3 {
    return (this.#engine.readyState(this.#id) ?? this.CLOSED) as 0 | 1 | 2 | 3;
  }

  /** Where the latest attempt went. */
  get url(): string {
    return this.#engine.url(this.#id) ?? this.#last.url;
  }

  get protocol(): string {
    return this.#last.protocol;
  }

  get extensions(): string {
    return this.#last.extensions;
  }

  /** Bytes that were sent and are not on the network yet, those that wait for a socket included. */
  get bufferedAmount(): number {
    return this.#engine.bufferedAmount(this.#id);
  }

  get binaryType(): BinaryType {
    const arrayBuffers = this.#engine.usesArrayBuffers(this.#id);
    if (arrayBuffers === undefined) return this.#plan.options.binaryType ?? 'blob';
    return arrayBuffers ? 'arraybuffer' : 'blob';
  }

  /** Other values than `'blob'` and `'arraybuffer'` change nothing, as with `WebSocket`. */
  set binaryType(type: BinaryType) {
    if (type !== 'blob' && type !== 'arraybuffer') return;
    this.#plan.options.binaryType = type;
    this.#engine.setBinaryType(this.#id, type === 'arraybuffer');
  }

  /**
   * Sends, or keeps the message for the next open socket.
   * @throws DOMException `InvalidStateError` after `close()` or failure, `QuotaExceededError` when it does
   * not fit into `maxQueuedBytes`. Nothing was sent or queued then.
   */
  send(data: Payload): void {
    this.#engine.send(this.#id, data);
  }

  /**
   * Ends the connection; a silent peer has 3 s to answer.
   * @throws DOMException `InvalidAccessError` for a code that is not 1000 or 3000 to 4999, `SyntaxError`
   * for a reason of more than 123 bytes.
   */
  close(code?: number, reason?: string): void {
    this.#engine.close(this.#id, clampCode(code), reason === undefined ? '' : String(reason));
  }

  /**
   * Tries again now, in every state; after the final `close` it begins a new life.
   * @throws DOMException `InvalidStateError` when the pair has another connection by now.
   */
  reconnect(): void {
    if (!this.#engine.reconnect(this.#id)) this.#begin();
  }

  get onopen(): ((this: WebSocket, event: Event) => unknown) | null {
    return this.#handlers.get('open');
  }
  set onopen(handler) {
    this.#handlers.set('open', handler);
  }

  get onmessage(): ((this: WebSocket, event: MessageEvent) => unknown) | null {
    return this.#handlers.get('message');
  }
  set onmessage(handler) {
    this.#handlers.set('message', handler);
  }

  get onerror(): ((this: WebSocket, event: Event) => unknown) | null {
    return this.#handlers.get('error');
  }
  set onerror(handler) {
    this.#handlers.set('error', handler);
  }

  get onclose(): ((this: WebSocket, event: CloseEvent) => unknown) | null {
    return this.#handlers.get('close');
  }
  set onclose(handler) {
    this.#handlers.set('close', handler);
  }

  override addEventListener<K extends keyof EnvSocketEventMap>(
    type: K,
    listener: Listener<EnvSocketEventMap[K]> | null,
    options?: boolean | AddEventListenerOptions,
  ): void;
  override addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | AddEventListenerOptions,
  ): void;
  override addEventListener(type: string, listener: unknown, options?: boolean | AddEventListenerOptions) {
    super.addEventListener(type, listener as EventListenerOrEventListenerObject, options);
  }

  override removeEventListener<K extends keyof EnvSocketEventMap>(
    type: K,
    listener: Listener<EnvSocketEventMap[K]> | null,
    options?: boolean | EventListenerOptions,
  ): void;
  override removeEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | EventListenerOptions,
  ): void;
  override removeEventListener(type: string, listener: unknown, options?: boolean | EventListenerOptions) {
    super.removeEventListener(type, listener as EventListenerOrEventListenerObject, options);
  }

  get #engine() {
    return this.#plan.core.engine;
  }

  #begin(): void {
    this.#plan.begin(this.#sink, this.#plan.options);
  }

  #makeSink(): OwnedSink {
    return {
      socket: this,
      plan: this.#plan,
      begun: (id) => {
        this.#id = id;
        this.#last.url = this.url;
      },
      opened: () => {
        this.#origin = new URL(this.url).origin;
        // A listener of `statuschange` may have closed it, or begun anew; then this is no news any more.
        if (this.status !== 'connected') return;
        const engine = this.#engine;
        this.#last.protocol = engine.protocol(this.#id);
        this.#last.extensions = engine.extensions(this.#id);
        this.dispatchEvent(new Event('open'));
      },
      message: (data) => {
        this.dispatchEvent(new MessageEvent('message', { data, origin: this.#origin }));
      },
      failed: () => {
        this.dispatchEvent(new Event('error'));
      },
      closed: (code, reason, wasClean) => {
        this.dispatchEvent(closeEvent({ code, reason, wasClean }));
      },
      statusChanged: (number, before, reason) => {
        const status = statusName(number);
        this.#last.status = status;
        this.#last.url = this.url;
        const detail = { status, previous: statusName(before), reason: reason ?? null };
        this.dispatchEvent(new CustomEvent<StatusChange>('statuschange', { detail }));
      },
    };
  }
}

/** Node has no CloseEvent before version 23. */
function closeEvent(info: { code: number; reason: string; wasClean: boolean }): Event {
  if (typeof CloseEvent === 'function') return new CloseEvent('close', info);
  return Object.assign(new Event('close'), info);
}

function alone(url: string, protocols?: string | string[], options?: ConnectionOptions): Plan {
  const core = pageCore();
  return new Plan(core, null, null, options, (sink, own) => {
    core.engine.connectAlone(sink, url, protocols, own);
  });
}
