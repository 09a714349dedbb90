// A WebSocket that outlives sockets: the platform's interface over one of the engine's connections. What
// happens is decided in the engine; here are the conversions and the exceptions of the platform.

import { over } from './channels.js';
import { checkClose, closeArguments } from './closing.js';
import { typeError } from './errors.js';
import { Handlers } from './handlers.js';
import { Link, superseded } from './link.js';
import { checkToken, offerOwn, OFF, PROTOCOL, read, readToken } from './options.js';
import { byteLength, toMessage } from './payload.js';
import { Plan } from './plan.js';
import { checkNames, toNames } from './protocols.js';
import { refused, tooEarly } from './refusals.js';
import { pageCore } from './registry.js';
import { scalarText } from './text.js';
import type { Topic } from './topic.js';
import type {
  AccessChange,
  AskOptions,
  Channel,
  ChannelOptions,
  ConnectionOptions,
  ConnectionStatus,
  Discarded,
  Gap,
  Payload,
  Question,
  RoleChange,
  StatusChange,
  TerminalSize,
  Token,
} from './types.js';
import { resolve } from './url.js';

/** The events of an {@link EnvSocket}. */
export interface EnvSocketEventMap extends WebSocketEventMap {
  /** The public status has changed. */
  statuschange: CustomEvent<StatusChange>;
  /** Something was, or may have been, lost. */
  gap: CustomEvent<Gap>;
  /** Messages will not be sent; `drain()` returns them, unless newer ones took their place. */
  discarded: CustomEvent<Discarded>;
  /** What comes next was made for a terminal of this size. In order with the messages. */
  size: CustomEvent<TerminalSize>;
  /** `isController` has changed. In order with the messages. */
  rolechange: CustomEvent<RoleChange>;
  /** `isReadOnly` has changed. */
  accesschange: CustomEvent<AccessChange>;
}

type Listener<E extends Event> =
  | ((this: EnvSocket, event: E) => unknown)
  | { handleEvent(event: E): unknown };

const CONNECTING = 0;
const OPEN = 1;
const CLOSED = 3;

/** The most columns or rows that a terminal has on the wire. */
const MOST_CELLS = 65_535;

/**
 * A WebSocket that outlives sockets. `readyState` is `OPEN` from the first open until `close()` or
 * failure; `open` fires again after a reconnect that may have lost something; `close` fires once, when it is
 * over, and `error` only right before it. With `{ maxRetries: 0, protocol: 'off' }` it is a WebSocket to the
 * letter.
 */
export class EnvSocket extends EventTarget implements WebSocket {
  declare static readonly CONNECTING: 0;
  declare static readonly OPEN: 1;
  declare static readonly CLOSING: 2;
  declare static readonly CLOSED: 3;

  declare readonly CONNECTING: 0;
  declare readonly OPEN: 1;
  declare readonly CLOSING: 2;
  declare readonly CLOSED: 3;

  declare onopen: ((this: WebSocket, event: Event) => unknown) | null;
  declare onmessage: ((this: WebSocket, event: MessageEvent) => unknown) | null;
  declare onerror: ((this: WebSocket, event: Event) => unknown) | null;
  declare onclose: ((this: WebSocket, event: CloseEvent) => unknown) | null;

  readonly #link: Link;
  readonly #handlers = new Handlers(this);

  /**
   * One without the pool. `options.url` is not looked at, and `protocol` is `'off'` unless it is said.
   * @throws DOMException `SyntaxError` for a URL or a subprotocol that is none, as `WebSocket` does.
   * @throws TypeError for a bad option; it names the option.
   */
  constructor(url: string | URL, protocols?: string | string[], options?: ConnectionOptions);
  /** @internal */
  constructor(plan: Plan);
  constructor(target: string | URL | Plan, protocols: unknown = undefined, options: unknown = undefined) {
    super();
    if (arguments.length === 0) throw typeError('url', 'must be given');
    this.#link = new Link(this, target instanceof Plan ? target : alone(target, protocols, options));
    // Not before it can be used: listeners that this calls may do so.
    this.#link.begin();
  }

  /** The project that the pool keys it by; null for one made alone. */
  get projectName(): string | null {
    return this.#link.plan.pair?.[0] ?? null;
  }

  /** The environment that the pool keys it by; null for one made alone. */
  get envId(): string | null {
    return this.#link.plan.pair?.[1] ?? null;
  }

  get status(): ConnectionStatus {
    return this.#link.status;
  }

  get readyState(): 0 | 1 | 2 | 3 {
    const { id, isEnding } = this.#link;
    return isEnding ? CLOSED : ((this.#engine.readyState(id) ?? CLOSED) as 0 | 1 | 2 | 3);
  }

  /** Where the latest attempt went; empty until a `url` that is a function has answered. */
  get url(): string {
    return this.#link.url;
  }

  /**
   * The subprotocol that the server chose at the latest open, of the application's own. That the resume
   * protocol is spoken, snapshots say.
   */
  get protocol(): string {
    return this.#link.protocol;
  }

  get extensions(): string {
    return this.#link.extensions;
  }

  /**
   * Bytes that were sent and are not on the network yet, those that wait for a socket, or for a Blob to be
   * read, included; not those that a broken link was handed, though the next one may be handed them again. To
   * the letter, it never falls to zero by closing.
   */
  get bufferedAmount(): number {
    const { id, isLiteral, sender, unsentBytes } = this.#link;
    if (isLiteral && this.readyState === CLOSED) return unsentBytes;
    return this.#engine.bufferedAmount(id) + sender.waitingBytes + unsentBytes;
  }

  get binaryType(): BinaryType {
    return this.#link.binaryType;
  }

  /** Other values than `'blob'` and `'arraybuffer'` change nothing, as with `WebSocket`. */
  set binaryType(type: BinaryType) {
    const known = `${type}`;
    if (known === 'blob' || known === 'arraybuffer') this.#link.setBinaryType(known);
  }

  /**
   * Sends, or keeps the message for the next open socket. A Blob is read first, unless the server is known
   * to be a plain one, and what is sent after it waits behind it. Over the resume protocol what the server has
   * no room for waits, too.
   * @throws DOMException `InvalidStateError` after `close()` or failure, `QuotaExceededError` when it does
   * not fit into `maxQueuedBytes`, `NotAllowedError` while `isReadOnly`. Nothing was sent or queued then. To
   * the letter, it throws `InvalidStateError` before the open instead, and nothing afterwards.
   */
  send(data: Payload): void {
    if (arguments.length === 0) throw typeError('data', 'must be given');
    const { isLiteral } = this.#link;
    const message = toMessage(data);
    const bytes = byteLength(message);
    if (isLiteral && this.readyState === CONNECTING) {
      throw tooEarly('send', 'data');
    }
    const refusal = this.#link.sender.send(message, bytes);
    if (refusal === 0) return;
    // To the letter, what comes too late is dropped and counted.
    if (isLiteral) this.#link.unsentBytes += bytes;
    else throw refused(refusal, 'send', 'data');
  }

  /**
   * Asks, and resolves with the answer. One question at a time: while it waits, another one is refused. With the
   * resume protocol it outlives dropped links; a plain link that breaks takes it along, unless it still waits to be
   * sent. A question that is given up may reach the server all the same.
   *
   * Rejects with, and leaves nothing waiting:
   * - `BusyError`: another one waits; nothing was sent
   * - `AnswerError`: the server answers with an error
   * - DOMException `TimeoutError`; `NetworkError`: its link, its session or its message is lost; `InvalidStateError`:
   *   the connection is over, or, to the letter, not open yet; `NotAllowedError`: while `isReadOnly`;
   *   `QuotaExceededError`: the message does not fit into `maxQueuedBytes`
   * - the reason of `options.signal`, once that is aborted; what `options.answer` throws
   * - TypeError for a bad argument; it names the argument
   */
  ask<T = unknown>(question: unknown, options?: AskOptions): Promise<T>;
  ask(question: unknown, options: unknown = undefined): Promise<unknown> {
    return this.#link.converse().questions.ask(question, options);
  }

  /** Whether a question would be let in: none waits, and the connection takes messages and is not over. */
  get canAcceptQuestion(): boolean {
    const { id, isLiteral, isReadOnly } = this.#link;
    const { readyState } = this;
    const takes = readyState === OPEN || (readyState === CONNECTING && !isLiteral);
    return takes && !isReadOnly && this.#engine.question(id) === 0;
  }

  /** The question that waits; the same object for as long as it does. */
  get currentQuestion(): Question | null {
    return this.#link.conversation?.questions.present ?? null;
  }

  /**
   * The messages `{ channel, data }` that have this name: the same object for the same name, until it is closed, or the
   * connection over. It keeps the latest of them, and what the server's `…:history` message says of earlier ones. Ask for
   * it before the connection opens: what came before is not in it.
   * @throws TypeError for a name that is not 1 to 128 characters, or ends in `:history`; or a bad option.
   * @throws DOMException `InvalidStateError` when the connection is over.
   */
  channel<T = unknown>(name: string, options?: ChannelOptions): Channel<T>;
  channel(name: unknown, options: unknown = undefined): Channel<unknown> {
    if (this.readyState === CLOSED) throw over();
    return this.#link.converse().channels.open(name, options);
  }

  /** The channel of this name, if it is open. @internal */
  peekChannel(name: string): Topic | undefined {
    return this.#link.conversation?.channels.find(name);
  }

  /** Calls back when `currentQuestion` has changed. @internal */
  watchQuestions(callback: () => void): () => void {
    return this.#link.converse().questions.watch(callback);
  }

  /**
   * Tells the server the size of the terminal, in cells: it takes its place among what is sent. For servers
   * that speak the resume protocol; nothing is sent to plain ones. It is told again whenever a session, or a
   * new life, begins.
   * @throws TypeError for anything but whole numbers from 1 to 65 535; it names the argument.
   */
  resize(cols: number, rows: number): void {
    checkCells(cols, 'cols');
    checkCells(rows, 'rows');
    this.#link.resize(cols, rows);
  }

  /**
   * Of several terminals over one shell, whether this is the one that was used last: its size counts, and only it
   * answers what programs ask of the terminal. True unless a server of the resume protocol says otherwise.
   */
  get isController(): boolean {
    return this.#link.isController;
  }

  /**
   * Whether the server takes nothing from this connection but that it reads along. False unless a server of the resume
   * protocol says otherwise.
   */
  get isReadOnly(): boolean {
    return this.#link.isReadOnly;
  }

  /**
   * While the listeners of a message run, whether it was sent before the present link was there, or is a snapshot
   * of what was: what it asks was asked before. With a plain server, and outside of listeners, false.
   */
  get isReplaying(): boolean {
    return this.#link.isReplaying;
  }

  /**
   * Within a listener of a message: it is not done with when the listeners have returned, but when the function
   * that this returns is called. Until then the server is told that it, and all after it, is not consumed, and
   * sends only so much more as its window holds. Several may hold on to one message; calling late or again does
   * nothing. A plain server sends on whatever is said.
   * @throws DOMException `InvalidStateError` while no listener of a message runs.
   */
  holdCredit(): () => void {
    return this.#link.holdCredit();
  }

  /** What of `bufferedAmount` counts against `maxQueuedBytes`. @internal */
  get queuedBytes(): number {
    return this.#link.sender.queuedBytes;
  }

  /** Whether `holdCredit` holds anything back: a plain server sends on. @internal */
  get hasCredit(): boolean {
    return this.#link.speaksV1;
  }

  /** Options for what the application leaves open, on the connection and on its manager. @internal */
  suggest(options: ConnectionOptions): void {
    this.#link.suggest(read(options));
  }

  /** A token for one that has none of its own. @internal */
  suggestToken(token: Token): void {
    this.#link.credentials.suggest(checkToken(token, 'token'));
  }

  /**
   * Ends the connection; a silent peer has 3 s to answer. What still waits is discarded, Blobs that are being
   * read included.
   * @throws DOMException `InvalidAccessError` for a code that is not 1000 or 3000 to 4999, `SyntaxError`
   * for a reason of more than 123 bytes.
   */
  close(code?: number, reason?: string): void;
  close(code: unknown = undefined, reason: unknown = undefined): void {
    const [number, text] = closeArguments(code, reason);
    checkClose(this.#engine.close(this.#link.id, number, text));
  }

  /**
   * Tries again now, in every state; after the final `close` it begins a new life.
   * @throws DOMException `InvalidStateError` when the pair has another connection by now.
   */
  reconnect(): void {
    this.#link.isEnding = false;
    // Since then, tokens may have been forgotten.
    this.#link.credentials.apply();
    const answer = this.#engine.reconnect(this.#link.id);
    if (answer === 1) this.#link.begin();
    else if (answer === 2) throw superseded();
  }

  /**
   * Takes back what was queued and never handed to a socket; after the final `close`, too, until a new life
   * begins. Of what was discarded, only the newest `maxQueuedBytes` are kept.
   */
  drain(): Payload[] {
    return this.#link.sender.drain();
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
  override addEventListener(...args: [type: string, listener: unknown, options?: unknown]): void {
    // Too few arguments are for the platform to refuse.
    if (args.length < 2 || `${args[0]}` !== 'message') super.addEventListener(...(args as Platform));
    else this.#link.messages.add(args[1], args[2]);
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
  override removeEventListener(...args: [type: string, listener: unknown, options?: unknown]): void {
    if (args.length < 2 || `${args[0]}` !== 'message') super.removeEventListener(...(args as Platform));
    else this.#link.messages.remove(args[1], args[2]);
  }

  get #engine() {
    return this.#link.plan.core.engine;
  }

  static {
    // As WebIDL has them: constants on both, attributes as accessors, all but the constructor enumerable.
    const { prototype } = this;
    const define = Object.defineProperty;
    ['CONNECTING', 'OPEN', 'CLOSING', 'CLOSED'].forEach((name, value) => {
      for (const on of [this, prototype]) define(on, name, { value, enumerable: true });
    });
    for (const type of ['open', 'message', 'error', 'close']) {
      define(prototype, `on${type}`, {
        get(this: EnvSocket) {
          return this.#handlers.get(type);
        },
        set(this: EnvSocket, handler: unknown) {
          this.#handlers.set(type, handler);
        },
        configurable: true,
      });
    }
    for (const [name, property] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
      if (name !== 'constructor') define(prototype, name, { ...property, enumerable: true });
    }
    define(prototype, Symbol.toStringTag, { value: 'EnvSocket', configurable: true });
  }
}

type Platform = [string, EventListenerOrEventListenerObject | null];

function alone(url: unknown, protocols: unknown, options: unknown): Plan {
  // WebIDL's conversions come first, then the checks, in the standard's order.
  const text = scalarText(url);
  const names = protocols === undefined ? undefined : toNames(protocols);
  const settings = read(options);
  const token = readToken(options);
  settings.url = resolve(text, 'url').url;
  // None is none, whatever the manager offers.
  settings.protocols = names ? checkNames(names) : (settings.protocols ?? []);
  if (settings.protocols.length > 0) offerOwn(settings);
  if (Number.isNaN(settings.numbers[PROTOCOL])) settings.numbers[PROTOCOL] = OFF;
  const core = pageCore();
  const plan = new Plan(core, null, settings);
  core.tokens.give(plan, token);
  return plan;
}

function checkCells(cells: unknown, argument: string): void {
  if (Number.isInteger(cells) && (cells as number) >= 1 && (cells as number) <= MOST_CELLS) return;
  throw typeError(argument, `must be a whole number from 1 to ${MOST_CELLS}`);
}
