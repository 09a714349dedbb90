// What the page says of itself and the network, and what the engine asks of it. It must not decide what
// follows.

import type { Core } from './core.js';
import { report } from './errors.js';
import type { Host } from './wasm/envsocket_bg.js';

/** The engine's numbers for what can happen to a page. */
const OFFLINE = 0;
const ONLINE = 1;
const AWAKE = 2;
const SHOWN = 3;

/** Where there is no page, as in Node, nothing ever happens to it. */
export class Page implements Host {
  /** How many listeners the page has of it. */
  listeners = 0;
  /** The engine holds its host for as long as it lives; a strong reference would let neither go. */
  readonly #core: WeakRef<Core>;

  constructor(core: Core) {
    this.#core = new WeakRef(core);
  }

  stale(): void {
    this.#core.deref()?.stale();
  }

  /** Without the flag, as in Node, there is a network. */
  isOnline(): boolean {
    try {
      return globalThis.navigator?.onLine !== false;
    } catch (error) {
      report(error);
      return true;
    }
  }

  watch(on: boolean): void {
    this.listeners = 0;
    this.#listen(on, globalThis, ['online', 'offline', 'pageshow']);
    // The last one: on again after the browser had frozen it.
    this.#listen(on, globalThis.document, ['visibilitychange', 'resume']);
  }

  report(error: unknown): void {
    report(error);
  }

  handleEvent({ type }: Event): void {
    const { engine } = this.#core.deref() ?? {};
    if (type === 'pageshow') engine?.page(SHOWN);
    else if (type.endsWith('line')) engine?.page(this.isOnline() ? ONLINE : OFFLINE);
    else if (type === 'resume' || !document.hidden) engine?.page(AWAKE);
  }

  #listen(on: boolean, target: Partial<EventTarget> | undefined, types: readonly string[]): void {
    try {
      for (const type of types) {
        if (!on) {
          target?.removeEventListener?.(type, this);
        } else if (target?.addEventListener) {
          target.addEventListener(type, this);
          this.listeners += 1;
        }
      }
    } catch (error) {
      // Pages wrap these two; theirs must not stop ours.
      report(error);
    }
  }
}
