// The `on…` attributes of an EventTarget. It must not know what the events mean.

/**
 * Handler attributes as the platform has them: each takes its place among the listeners when it is first
 * set, keeps it when it is replaced, and gives it up when it is set to null.
 */
export class Handlers {
  readonly #target: EventTarget;
  readonly #set = new Map<string, { handler: (event: never) => unknown; listener: EventListener }>();

  constructor(target: EventTarget) {
    this.#target = target;
  }

  get<E extends Event>(type: string): ((event: E) => unknown) | null {
    return (this.#set.get(type)?.handler as ((event: E) => unknown) | undefined) ?? null;
  }

  /** Anything but a function takes the handler away. */
  set(type: string, handler: unknown): void {
    const present = this.#set.get(type);
    if (typeof handler !== 'function') {
      if (present) this.#target.removeEventListener(type, present.listener);
      this.#set.delete(type);
    } else if (present) {
      present.handler = handler as (event: never) => unknown;
    } else {
      const entry = {
        handler: handler as (event: never) => unknown,
        listener: (event: Event) => entry.handler.call(this.#target as never, event as never),
      };
      this.#set.set(type, entry);
      this.#target.addEventListener(type, entry.listener);
    }
  }
}
