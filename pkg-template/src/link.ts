// One EnvSocket's end of the engine: what the engine asks is answered here, what it tells becomes events.
// It must not throw into the engine, and must not decide what happens when.

import { Addresses } from './addresses.js';
import { Conversation } from './conversation.js';
import { Credentials } from './credentials.js';
import { trace, traceConnect } from './debug.js';
import type { EnvSocket } from './envsocket.js';
import { exception, report, typeError } from './errors.js';
import { Listeners } from './listeners.js';
import { own, retarget } from './native-event.js';
import { type Heartbeat, merge, OFF, PROTOCOL, type Settings, TOKEN_USE } from './options.js';
import { byteLength, type Message } from './payload.js';
import type { Plan } from './plan.js';
import { isPromise } from './promise.js';
import { V1 } from './protocols.js';
import { READ_ONLY, REASONS, Sender } from './sender.js';
import { OPEN, statusName } from './status.js';
import type {
  AccessChange,
  ConnectionStatus,
  Discarded,
  Gap,
  RoleChange,
  StatusChange,
  TerminalSize,
} from './types.js';
import type { Sink } from './wasm/envsocket_bg.js';

/** The subprotocols to offer, by the engine's numbers; the first offer is the application's own. */
const V1_ALONE = [V1];
const OFFERS = [undefined, [], ['envsocket.plain', V1], V1_ALONE];

/** Reasons of the engine's for which it gives up all that waits: what waits for a Blob goes, too. */
const VIOLATED = 'protocol';
const FOR_ALL = ['session_lost', VIOLATED, 'no envsocket.v1 any more', 'older than maxInputAgeMs'];

/** Who wants a message, by the engine's numbers. */
const NOBODY = 0;
const APPLICATION = 1;
const HANDSHAKE = 3;

/** What the engine says of a message that it was told of. */
const TO_ACKNOWLEDGE = 1;
const REPLAYED = 2;

export class Link implements Sink {
  readonly socket: EnvSocket;
  readonly plan: Plan;
  readonly messages: Listeners;
  readonly sender: Sender;
  readonly credentials: Credentials;
  readonly #addresses: Addresses;
  /** Who hears a message before its listeners do, if anybody wants to. */
  ear: Conversation | undefined;
  #conversation: Conversation | undefined;
  /** The connection's number in the engine; until it has one, a number that none ever has. */
  id = 0xffff_ffff;
  url = '';
  protocol = '';
  extensions = '';
  binaryType: BinaryType = 'blob';
  isLiteral = false;
  /** The latest native socket. */
  native: WebSocket | undefined;
  /** Whether that one speaks the resume protocol, which numbers messages. */
  speaksV1 = false;
  /** Bytes that a WebSocket to the letter counts for ever: sent too late, or unsent at the end. */
  unsentBytes = 0;
  /** The end of a life is being told, though the engine may have begun the next one. */
  isEnding = false;
  /** Whether its terminal is the one whose answers and size count. */
  isController = true;
  /** Whether the server takes no messages from it. */
  isReadOnly = false;
  /** Whether the message that is being told was sent before the present socket was there. */
  isReplaying = false;
  #isTelling = false;
  /** Credit was given back while a message was told, which is not counted before that is over. */
  #isAckDue = false;
  #status: ConnectionStatus = 'disconnected';
  #heartbeat: Heartbeat | null | undefined;
  #attemptAt = 0;
  /** Whether the latest native socket was made with the application's own subprotocols. */
  #offersOwn = true;
  /** Whether the resume protocol may be spoken. */
  #mayResume = false;
  /** The terminal's, in columns and rows. */
  #size: readonly [number, number] | undefined;

  constructor(socket: EnvSocket, plan: Plan) {
    this.socket = socket;
    this.plan = plan;
    this.messages = new Listeners(socket);
    this.sender = new Sender(this);
    this.credentials = new Credentials(this);
    this.#addresses = new Addresses(this);
  }

  get #engine() {
    return this.plan.core.engine;
  }

  /** What is asked over it, and its channels, if there ever were any. */
  get conversation(): Conversation | undefined {
    return this.#conversation;
  }

  /** Makes it for those who want any. */
  converse(): Conversation {
    return (this.#conversation ??= new Conversation(this));
  }

  get status(): ConnectionStatus {
    const status = this.isEnding ? undefined : this.#engine.status(this.id);
    if (status !== undefined) return statusName(status);
    return this.#status === 'failed' ? 'failed' : 'disconnected';
  }

  /** What is numbered must be there whole. A plain socket that is open reads by itself. */
  get readsBlobs(): boolean {
    return this.#mayResume && (this.speaksV1 || this.native?.readyState !== OPEN);
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
    this.#addresses.cancel();
    this.#prepare();
    own.numbers[TOKEN_USE] = this.credentials.use;
    if (pair) core.engine.connect(this, ...pair, own.numbers);
    else core.engine.connectAlone(this, own.numbers);
    if (this.#size) core.engine.resize(this.id, ...this.#size);
  }

  /** Merges into what holds from the next attempt on; how binary messages arrive changes at once. */
  configure(settings: Settings): void {
    merge(this.plan.own, settings);
    this.credentials.apply();
    if (settings.binaryType) this.setBinaryType(settings.binaryType);
  }

  /** Merges what nobody has set yet. */
  suggest(settings: Settings): void {
    const { numbers } = settings;
    numbers.forEach((_, place) => {
      if (!Number.isNaN(this.plan.number(place))) numbers[place] = NaN;
    });
    this.configure({ numbers });
  }

  setBinaryType(type: BinaryType): void {
    this.plan.own.binaryType = type;
    this.binaryType = type;
    if (this.native) this.native.binaryType = type;
  }

  /** The terminal has another size; in another life, too. */
  resize(cols: number, rows: number): void {
    this.#size = [cols, rows];
    this.#engine.resize(this.id, cols, rows);
  }

  /** Has the message that is being told count as consumed only when the answer was called. */
  holdCredit(): () => void {
    if (!this.#isTelling) {
      throw exception('InvalidStateError', 'holdCredit: only while the listeners of a message run');
    }
    const { id } = this;
    const engine = this.#engine;
    const ticket = engine.hold(id);
    return () => {
      if (!engine.release(id, ticket)) return;
      if (this.#isTelling) this.#isAckDue = true;
      else engine.acknowledge(id);
    };
  }

  begun(id: number): void {
    this.id = id;
  }

  locate(generation: number): void {
    this.#attemptAt = performance.now();
    this.#prepare();
    this.credentials.begin();
    this.#addresses.locate(generation);
  }

  authorize(generation: number, reason: number, late: boolean): void {
    this.credentials.authorize(generation, reason, late);
  }

  credential(): string {
    return this.credentials.message;
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

  connect(generation: number, offer: number): WebSocket | string {
    try {
      return this.#connect(generation, OFFERS[offer]);
    } catch (error) {
      return this.credentials.reasonOf(error);
    }
  }

  opened(): void {
    this.sender.tellGivenUp();
    const { protocol, extensions } = this.native!;
    // What only the two of us agreed on is no affair of the application's.
    this.protocol = this.#offersOwn && !this.credentials.isBearer(protocol) ? protocol : '';
    this.extensions = extensions;
    traceConnect(this, this.#attemptAt);
    this.#dispatch(new Event('open'));
  }

  resized(cols: number, rows: number): void {
    this.#dispatch(new CustomEvent<TerminalSize>('size', { detail: { cols, rows } }));
  }

  role(controller: boolean): void {
    if (this.isController === controller) return;
    this.isController = controller;
    trace(this, () => (controller ? 'is the controller' : 'is not the controller'));
    this.#dispatch(new CustomEvent<RoleChange>('rolechange', { detail: { controller } }));
  }

  access(readOnly: boolean): void {
    if (this.isReadOnly === readOnly) return;
    this.isReadOnly = readOnly;
    trace(this, () => (readOnly ? 'is read-only' : 'is not read-only'));
    // It is told after what the engine has of it.
    if (readOnly) this.sender.giveUp(REASONS[READ_ONLY]);
    this.#dispatch(new CustomEvent<AccessChange>('accesschange', { detail: { readOnly } }));
  }

  beat(): unknown {
    // What was configured since then may have come in between; nothing at all would be sent as text.
    return (this.#heartbeat ?? this.plan.setting('heartbeat'))?.message ?? '';
  }

  failed(): void {
    this.sender.tellGivenUp();
    this.#dispatch(new Event('error'));
  }

  closed(code: number, reason: string, wasClean: boolean): void {
    this.sender.tellGivenUp();
    if (this.isLiteral) this.unsentBytes += this.#engine.bufferedAmount(this.id);
    this.native = undefined;
    this.credentials.end();
    trace(this, () => `close ${code} ${wasClean ? 'clean' : 'unclean'} ${reason}`);
    this.#dispatch(closeEvent({ code, reason, wasClean }));
    this.isEnding = false;
  }

  statusChanged(number: number, before: number, reason: string | undefined): void {
    const detail = { status: statusName(number), previous: statusName(before), reason: reason ?? null };
    this.#status = detail.status;
    this.isEnding = detail.status === 'disconnected' || detail.status === 'failed';
    if (detail.status === 'connecting') this.#forget();
    if (detail.status === 'disconnecting' || this.isEnding) {
      // The engine tells of what it has at the end.
      this.sender.giveUp('the connection is over');
      // Before anybody hears of the end, who may begin another life, with channels of its own.
      if (this.isEnding) this.#conversation?.channels.end();
    } else {
      this.sender.tellGivenUp();
      // If the session turns out to be lost, what listeners send from now on is for the new one.
      if (detail.status === 'connected') this.sender.mark();
    }
    trace(this, () => `${detail.previous} → ${detail.status} ${reason ?? ''}`);
    this.#dispatch(new CustomEvent<StatusChange>('statuschange', { detail }));
  }

  gap(direction: number, from: number, to: number, reason: string, snapshot: boolean): void {
    const detail: Gap = {
      direction: direction === 0 ? 'in' : 'out',
      // They count from 1.
      from: from || null,
      to: to || null,
      // A server may word it.
      reason: this.credentials.scrub(reason),
      snapshot,
    };
    // Told before the status, and first of what comes in.
    if (reason === VIOLATED && direction === 0) this.sender.mark();
    if (FOR_ALL.includes(reason)) this.sender.giveUpMarked(reason);
    trace(this, () => `gap ${detail.direction} ${from || ''}–${to || ''}: ${detail.reason}`);
    this.#dispatch(new CustomEvent<Gap>('gap', { detail }));
  }

  questionLost(number: number, why: number): void {
    this.#conversation?.questions.lost(number, why);
  }

  discarded(payloads: unknown[], bytes: number, reason: string, kept: boolean): void {
    if (FOR_ALL.includes(reason)) this.sender.giveUpMarked(reason);
    this.tellDiscarded(payloads, bytes, reason, kept);
    this.sender.tellGivenUp();
  }

  /** By whomever they were discarded. */
  tellDiscarded(payloads: unknown[], bytes: number, reason: string, kept: boolean): void {
    if (kept) this.sender.keep(payloads as Message[]);
    this.#conversation?.questions.unsent(payloads, reason);
    const detail: Discarded = { messages: payloads.length, bytes, reason };
    trace(this, () => `discarded ${detail.messages} messages, ${bytes} B: ${reason}`);
    this.#dispatch(new CustomEvent<Discarded>('discarded', { detail }));
  }

  /** A new life has nothing of the old one's. */
  #forget(): void {
    this.sender.forget();
    this.#addresses.forget();
    this.role(true);
    this.access(false);
  }

  /** What was configured meanwhile holds from here on. */
  #prepare(): void {
    this.isLiteral = this.plan.isLiteral;
    this.binaryType = this.plan.setting('binaryType') ?? 'blob';
    this.#heartbeat = this.plan.setting('heartbeat');
    this.#mayResume = this.plan.number(PROTOCOL) !== OFF;
  }

  #connect(generation: number, offer: string[] | undefined): WebSocket {
    this.#offersOwn = offer === undefined;
    this.speaksV1 = false;
    let [url, protocols] = [this.url, offer ?? this.plan.setting('protocols') ?? []];
    // Where only the resume protocol will do, the token is in its hello.
    if (offer !== V1_ALONE) [url, protocols] = this.credentials.dressed(url, protocols);
    const native = new WebSocket(url, protocols);
    native.binaryType = this.binaryType;
    own(native, this.socket);
    const { id } = this;
    const engine = this.#engine;
    native.onopen = () => {
      const speaksV1 = offer !== undefined && native.protocol === V1;
      if (native === this.native) this.speaksV1 = speaksV1;
      engine.socketOpened(id, generation, speaksV1);
    };
    native.onmessage = (event) => this.#hear(event, generation);
    native.onerror = () => engine.socketErrored(id, generation);
    native.onclose = ({ code, reason, wasClean }) => {
      engine.socketClosed(id, generation, code, this.credentials.scrub(reason), wasClean);
    };
    this.native = native;
    return native;
  }

  /** A message, within its native dispatch. */
  #hear(event: MessageEvent, generation: number): void {
    const { id } = this;
    const engine = this.#engine;
    const wanted = engine.hears(id, generation);
    if (wanted === NOBODY) return;
    const { data } = event;
    // Of the resume protocol: a message of the application's own has one mark more.
    const isMarked = wanted !== APPLICATION && typeof data === 'string' && data.charCodeAt(0) === 0;
    if (isMarked && data.charCodeAt(1) !== 0) {
      engine.control(id, generation, data.slice(1));
    } else if (wanted === HANDSHAKE) {
      engine.control(id, generation, undefined);
    } else if (wanted !== APPLICATION || !this.#isReply(data)) {
      const received = engine.received(id, byteLength(data) - Number(isMarked));
      retarget(event, isMarked);
      this.isReplaying = (received & REPLAYED) !== 0;
      this.#isTelling = true;
      // First: a listener that closes because it has its answer must not lose it.
      if (this.ear !== undefined) this.ear.hear(event.data);
      this.messages.tell(event);
      this.#isTelling = this.isReplaying = false;
      if (received & TO_ACKNOWLEDGE || this.#isAckDue) engine.acknowledge(id);
      this.#isAckDue = false;
    }
  }

  /** Whether it answers the application's heartbeat. */
  #isReply(data: unknown): boolean {
    const isReply = this.#heartbeat?.isReply;
    if (!isReply) return false;
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

/** Node has no CloseEvent before version 23. */
function closeEvent(info: { code: number; reason: string; wasClean: boolean }): CloseEvent {
  if (typeof CloseEvent === 'function') return new CloseEvent('close', info);
  return Object.assign(new Event('close'), info) as CloseEvent;
}
