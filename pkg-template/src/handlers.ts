// The `on…` attributes of an EventTarget. It must not know what the events mean.

interface Attribute {
  handler: object;
  readonly listener: EventListener;
}

/**
 * Handler attributes as the platform has them: each takes its place among the listeners when it is first
 * set, keeps it when it is replaced, and gives it up when it is set to null.
 */
export class Handlers {
  readonly #target: EventTarget;
  readonly #set = new Map<string, Attribute>();

  constructor(target: EventTarget) {
    this.#target = target;
  }

  get(type: string): object | null {
    return this.#set.get(type)?.handler ?? null;
  }

  /** Any object is kept, though only functions are called; anything else takes the handler away. */
  set(type: string, handler: unknown): void {
    const present = this.#set.get(type);
    if (typeof handler !== 'function' && (typeof handler !== 'object' || handler === null)) {
      if (present) this.#target.removeEventListener(type, present.listener);
      this.#set.delete(type);
    } else if (present) {
      present.handler = handler;
    } else {
      const attribute: Attribute = {
        handler,
        listener: (event) => {
          const { handler } = attribute;
          const answer = typeof handler === 'function' ? handler.call(this.#target, event) : undefined;
          if (answer === false) event.preventDefault();
        },
      };
      this.#set.set(type, attribute);
      this.#target.addEventListener(type, attribute.listener);
    }
  }
}
