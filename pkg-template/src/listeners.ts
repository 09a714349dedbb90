// The `message` listeners of an EnvSocket. The platform keeps them too, for messages that a program
// dispatches by hand. What a socket receives is handed to them from here, as the native event that it is: a
// new MessageEvent for each message costs 10 to 18 %. They behave as the platform's own.

import { report } from './errors.js';
import { isStopped } from './native-event.js';

type Callback = ((this: unknown, event: Event) => unknown) | { handleEvent?(event: Event): unknown };

interface Entry {
  readonly callback: Callback;
  readonly capture: boolean;
  readonly once: boolean;
  /** What the platform has in its place. */
  readonly registered: EventListenerOrEventListenerObject;
  isRemoved: boolean;
}

const TYPE = 'message';

export class Listeners {
  readonly #target: EventTarget;
  /** In the order of their calls. Never changed in place: a call may be under way. */
  #entries: readonly Entry[] = [];

  constructor(target: EventTarget) {
    this.#target = target;
  }

  /** `addEventListener`. What is wrong with an argument, the platform says. */
  add(callback: unknown, options: unknown): void {
    const { capture, once, passive, signal } = flatten(options);
    if (this.#find(callback, capture)) return;
    const entry: Entry = {
      callback: callback as Callback,
      capture,
      once,
      registered: (once && callback ? (event: Event) => this.#call(entry, event) : callback) as EventListener,
      isRemoved: false,
    };
    EventTarget.prototype.addEventListener.call(this.#target, TYPE, entry.registered, {
      capture,
      passive,
      signal,
    } as AddEventListenerOptions);
    if (!callback || signal?.aborted) return;
    signal?.addEventListener('abort', () => this.#drop(entry), { once: true });
    const others = [...this.#entries];
    const at = capture && capturesFirst() ? others.filter((other) => other.capture).length : others.length;
    others.splice(at, 0, entry);
    this.#entries = others;
  }

  /** `removeEventListener`. */
  remove(callback: unknown, options: unknown): void {
    const { capture } = flatten(options);
    const entry = this.#find(callback, capture);
    if (entry) this.#drop(entry);
    else this.#unregister(callback as EventListener, capture);
  }

  /** Hands them a native event that says to be this target's, within its dispatch. */
  tell(event: Event): void {
    for (const entry of this.#entries) {
      if (entry.isRemoved) continue;
      try {
        this.#call(entry, event);
      } catch (error) {
        report(error);
      }
      if (isStopped(event)) return;
    }
  }

  #call(entry: Entry, event: Event): void {
    if (entry.once) this.#drop(entry);
    const { callback } = entry;
    if (typeof callback === 'function') {
      callback.call(this.#target, event);
      return;
    }
    const { handleEvent } = callback;
    if (typeof handleEvent === 'function') handleEvent.call(callback, event);
    else complain(callback);
  }

  #find(callback: unknown, capture: boolean): Entry | undefined {
    return this.#entries.find((entry) => entry.callback === callback && entry.capture === capture);
  }

  #drop(entry: Entry): void {
    entry.isRemoved = true;
    this.#entries = this.#entries.filter((other) => other !== entry);
    this.#unregister(entry.registered, entry.capture);
  }

  #unregister(registered: EventListenerOrEventListenerObject, capture: boolean): void {
    EventTarget.prototype.removeEventListener.call(this.#target, TYPE, registered, capture);
  }
}

interface Flat {
  capture: boolean;
  once: boolean;
  passive?: boolean | undefined;
  signal?: AbortSignal | undefined;
}

/** A boolean stands for `capture`. */
function flatten(options: unknown): Flat {
  if ((typeof options !== 'object' && typeof options !== 'function') || options === null) {
    return { capture: Boolean(options), once: false };
  }
  const { capture, once, passive, signal } = options as AddEventListenerOptions;
  return { capture: Boolean(capture), once: Boolean(once), passive, signal };
}

/** Of an object that cannot be called, not every browser says so. */
function complain(callback: object): void {
  const scratch = new EventTarget();
  scratch.addEventListener(TYPE, callback as EventListenerObject);
  scratch.dispatchEvent(new Event(TYPE));
}

/** Firefox, as the standard says, calls capturing listeners first; Chromium does so only in a tree. */
function capturesFirst(): boolean {
  const calls: boolean[] = [];
  const scratch = new EventTarget();
  scratch.addEventListener(TYPE, () => calls.push(false));
  scratch.addEventListener(TYPE, () => calls.push(true), true);
  scratch.dispatchEvent(new Event(TYPE));
  return calls[0] === true;
}
