// One EnvSocket's end of the engine: what the engine asks is answered here, what it tells becomes events.
// It must not throw into the engine, and must not decide what happens when.

import type { Core } from './core.js';
import { trace, traceAttempt, traceConnect } from './debug.js';
import type { EnvSocket } from './envsocket.js';
import { exception, messageOf, report, typeError } from './errors.js';
import { Kept } from './kept.js';
import { Listeners } from './listeners.js';
import { own, retarget } from './native-event.js';
import { type Heartbeat, MAX_QUEUED_BYTES, MAX_RETRIES, merge, type Settings } from './options.js';
import { byteLength, type Message } from './payload.js';
import { statusName } from './status.js';
import type { ConnectionStatus, Discarded, Gap, Payload, StatusChange, UrlSource } from './types.js';
import { expand, type Place, redact, resolve } from './url.js';
import type { Sink } from './wasm/envsocket_bg.js';

/** The page's own origin, one path for each environment. */
const DEFAULT_URL = '/ws/{project}/{env}';

/** What may wait, and is kept, when nobody says how much; the engine knows it, too. */
const DEFAULT_QUEUED_BYTES = 1 << 20;

/** The `readyState` of a native socket that takes messages. */
const OPEN = 1;

/** What the pool keys a connection by. */
export type Pair = readonly [projectName: string, envId: string];

/** Which connection it is, and what was asked of it so far: a later life begins with all of it. */
export class Plan {
  constructor(
    readonly core: Core,
    /** The pair that the pool keys it by; null for one made alone. */
    readonly pair: Pair | null,
    readonly own: Settings,
  ) {}

  /** What was set of it on the connection, else on the manager. */
  setting<K extends keyof Settings>(name: K): Settings[K] {
    // Not `??`: null is a heartbeat that was switched off.
    return this.own[name] === undefined ? this.core.settings[name] : this.own[name];
  }

  get urlSource(): UrlSource {
    // What is made alone goes where its maker said.
    return (this.pair ? this.setting('url') : this.own.url) ?? DEFAULT_URL;
  }

  /** What was set of the engine's number at this place; NaN where nothing was. */
  number(place: number): number {
    const own = this.own.numbers[place]!;
    return Number.isNaN(own) ? this.core.settings.numbers[place]! : own;
  }

  /** Without reconnection and protocol it is a WebSocket to the letter. */
  get isLiteral(): boolean {
    const retries = this.number(MAX_RETRIES);
    const protocol = this.pair ? this.setting('protocol') : (this.own.protocol ?? 'off');
    return retries === 0 && protocol === 'off';
  }

  /** Where a template leads for this connection. */
  place(template: string): Place {
    return resolve(this.pair ? expand(template, this.pair) : template, 'options.url');
  }
}

export class Link implements Sink {
  readonly socket: EnvSocket;
  readonly plan: Plan;
  readonly messages: Listeners;
  /** The connection's number in the engine; until it has one, a number that none ever has. */
  id = 0xffff_ffff;
  url = '';
  protocol = '';
  extensions = '';
  binaryType: BinaryType = 'blob';
  isLiteral = false;
  /** Bytes that a WebSocket to the letter counts for ever: sent too late, or unsent at the end. */
  unsentBytes = 0;
  /** The end of a life is being told, though the engine may have begun the next one. */
  isEnding = false;
  #status: ConnectionStatus = 'disconnected';
  /** The attempt under way: another object for each. */
  #attempt = {};
  #heartbeat: Heartbeat | null | undefined;
  /** The latest native socket. */
  #native: WebSocket | undefined;
  /** What the engine gave back, for `drain`. */
  readonly #kept = new Kept();
  #attemptAt = 0;

  constructor(socket: EnvSocket, plan: Plan) {
    this.socket = socket;
    this.plan = plan;
    this.messages = new Listeners(socket);
  }

  get #engine() {
    return this.plan.core.engine;
  }

  get status(): ConnectionStatus {
    const status = this.isEnding ? undefined : this.#engine.status(this.id);
    if (status !== undefined) return statusName(status);
    return this.#status === 'failed' ? 'failed' : 'disconnected';
  }

  /** Begins a life, the first one or another. */
  begin(): void {
    const { core, pair, own } = this.plan;
    const source = this.plan.urlSource;
    // What can be refused is refused before anything begins.
    const url = typeof source === 'string' ? this.plan.place(source).url : '';
    if (pair && core.find(pair)) throw superseded();
    this.url = url;
    this.protocol = '';
    this.extensions = '';
    this.unsentBytes = 0;
    this.#attempt = {};
    this.#prepare();
    if (pair) core.engine.connect(this, ...pair, own.numbers);
    else core.engine.connectAlone(this, own.numbers);
  }

  /** Merges into what holds from the next attempt on; how binary messages arrive changes at once. */
  configure(settings: Settings): void {
    const { own } = this.plan;
    merge(own, settings);
    this.#engine.configureConnection(this.id, settings.numbers);
    if (settings.binaryType) this.setBinaryType(settings.binaryType);
  }

  setBinaryType(type: BinaryType): void {
    this.plan.own.binaryType = type;
    this.binaryType = type;
    if (this.#native) this.#native.binaryType = type;
  }

  /** Sends or queues; the engine's number for why not, else 0. */
  send(message: Message, bytes: number): number {
    const native = this.#native;
    // Not by what the engine has heard: between the peer's close and its event, sockets drop in silence.
    if (native?.readyState === OPEN && this.#engine.passes(this.id, bytes)) {
      native.send(message);
      return 0;
    }
    return this.#engine.send(this.id, message, bytes);
  }

  /** What was queued and never handed to a socket. Each message is returned once. */
  drain(): Payload[] {
    return this.#kept.take().concat(this.#engine.drain(this.id) as Payload[]);
  }

  begun(id: number): void {
    this.id = id;
  }

  locate(generation: number): void {
    this.#attempt = {};
    this.#attemptAt = performance.now();
    this.#prepare();
    const source = this.plan.urlSource;
    if (typeof source === 'string') this.#found(generation, () => this.plan.place(source));
    else this.#ask(generation, source);
  }

  judge(code: number, reason: string, wasClean: boolean): boolean | undefined {
    const judge = this.plan.setting('shouldReconnect');
    try {
      const answer: unknown = judge?.(closeEvent({ code, reason, wasClean }));
      if (!isPromise(answer)) return Boolean(answer);
      report(typeError('options.shouldReconnect', 'must answer at once, not with a promise'));
      return undefined;
    } catch (error) {
      // A connection that goes on can still be closed.
      report(error);
      return true;
    }
  }

  connect(generation: number): WebSocket | string {
    try {
      return this.#connect(generation);
    } catch (error) {
      return reasonOf(error);
    }
  }

  opened(): void {
    const { protocol, extensions } = this.#native!;
    this.protocol = protocol;
    this.extensions = extensions;
    traceConnect(this, this.#attemptAt);
    this.#dispatch(new Event('open'));
  }

  beat(): unknown {
    // What was configured since then may have come in between; nothing at all would be sent as text.
    return (this.#heartbeat ?? this.plan.setting('heartbeat'))?.message ?? '';
  }

  failed(): void {
    this.#dispatch(new Event('error'));
  }

  closed(code: number, reason: string, wasClean: boolean): void {
    if (this.isLiteral) this.unsentBytes += this.#engine.bufferedAmount(this.id);
    this.#native = undefined;
    trace(this, () => `close ${code} ${wasClean ? 'clean' : 'unclean'} ${reason}`);
    this.#dispatch(closeEvent({ code, reason, wasClean }));
    this.isEnding = false;
  }

  statusChanged(number: number, before: number, reason: string | undefined): void {
    const detail = { status: statusName(number), previous: statusName(before), reason: reason ?? null };
    this.#status = detail.status;
    this.isEnding = detail.status === 'disconnected' || detail.status === 'failed';
    // A new life forgets what the old one kept.
    if (detail.status === 'connecting') this.#kept.take();
    trace(this, () => `${detail.previous} → ${detail.status} ${reason ?? ''}`);
    this.#dispatch(new CustomEvent<StatusChange>('statuschange', { detail }));
  }

  gap(direction: number, reason: string): void {
    const detail: Gap = { direction: direction === 0 ? 'in' : 'out', from: null, to: null, reason };
    trace(this, () => `gap ${detail.direction}: ${reason}`);
    this.#dispatch(new CustomEvent<Gap>('gap', { detail }));
  }

  discarded(payloads: unknown[], bytes: number, reason: string, kept: boolean): void {
    if (kept) this.#kept.add(payloads as Message[], this.#keptBytes);
    const detail: Discarded = { messages: payloads.length, bytes, reason };
    trace(this, () => `discarded ${detail.messages} messages, ${bytes} B: ${reason}`);
    this.#dispatch(new CustomEvent<Discarded>('discarded', { detail }));
  }

  /** How much of what was discarded stays for `drain`. */
  get #keptBytes(): number {
    const limit = this.plan.number(MAX_QUEUED_BYTES);
    return Number.isNaN(limit) ? DEFAULT_QUEUED_BYTES : limit;
  }

  /** What was configured meanwhile holds from here on. */
  #prepare(): void {
    this.isLiteral = this.plan.isLiteral;
    this.binaryType = this.plan.setting('binaryType') ?? 'blob';
    this.#heartbeat = this.plan.setting('heartbeat');
  }

  #connect(generation: number): WebSocket {
    const native = new WebSocket(this.url, this.plan.setting('protocols') ?? []);
    native.binaryType = this.binaryType;
    own(native, this.socket);
    const { id } = this;
    const engine = this.#engine;
    native.onopen = () => engine.socketOpened(id, generation);
    native.onmessage = (event) => this.#hear(event, generation);
    native.onerror = () => engine.socketErrored(id, generation);
    native.onclose = ({ code, reason, wasClean }) => {
      engine.socketClosed(id, generation, code, reason, wasClean);
    };
    this.#native = native;
    return native;
  }

  #ask(generation: number, source: Exclude<UrlSource, string>): void {
    const [projectName, envId] = this.plan.pair!;
    const attempt = this.#attempt;
    const found = (url: unknown) => {
      if (attempt === this.#attempt) this.#found(generation, () => answered(url));
    };
    const failed = (error: unknown) => {
      if (attempt === this.#attempt) this.#engine.unlocated(this.id, generation, reasonOf(error), false);
    };
    try {
      const answer = source({ projectName, envId });
      if (isPromise(answer)) answer.then(found, failed);
      else found(answer);
    } catch (error) {
      failed(error);
    }
  }

  #found(generation: number, find: () => Place): void {
    const { id } = this;
    let place: Place;
    try {
      place = find();
    } catch (error) {
      this.#engine.unlocated(id, generation, reasonOf(error), true);
      return;
    }
    const { url, origin, destination } = place;
    this.url = url;
    traceAttempt(this);
    this.#engine.located(id, generation, origin, destination);
  }

  /** A message, within its native dispatch. */
  #hear(event: MessageEvent, generation: number): void {
    if (!this.#engine.hears(this.id, generation)) return;
    const { data } = event;
    const isReply = this.#heartbeat?.isReply;
    if (isReply && this.#isReply(isReply, data)) return;
    this.#engine.received(this.id, byteLength(data));
    retarget(event);
    this.messages.tell(event);
  }

  #isReply(isReply: (data: unknown) => boolean, data: unknown): boolean {
    try {
      if (!isReply(data)) return false;
    } catch (error) {
      report(error);
      return false;
    }
    this.#engine.replied(this.id);
    return true;
  }

  #dispatch(event: Event): void {
    try {
      // Not what a subclass, or whoever instruments the page, has in its place.
      EventTarget.prototype.dispatchEvent.call(this.socket, event);
    } catch (error) {
      report(error);
    }
  }
}

/** Why a connection cannot begin another life. */
export function superseded(): DOMException {
  return exception(
    'InvalidStateError',
    'reconnect: the pair has another connection by now; getConnection returns it',
  );
}

/** What people are shown of an error; it may quote a URL. */
function reasonOf(error: unknown): string {
  return redact(messageOf(error));
}

function isPromise<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof (value as Partial<PromiseLike<T>> | null)?.then === 'function';
}

function answered(url: unknown): Place {
  if (typeof url === 'string' || url instanceof URL) return resolve(url, 'options.url');
  throw typeError('options.url', 'must return a string or a URL');
}

/** Node has no CloseEvent before version 23. */
function closeEvent(info: { code: number; reason: string; wasClean: boolean }): CloseEvent {
  if (typeof CloseEvent === 'function') return new CloseEvent('close', info);
  return Object.assign(new Event('close'), info) as CloseEvent;
}
