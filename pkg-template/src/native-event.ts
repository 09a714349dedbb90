// Native MessageEvents with another target. What a listener gets is the very event that the browser made,
// which still says that it was dispatched on the socket inside; its prototype is changed for one that says
// on which EnvSocket. One prototype for all: engines optimise by it.

/** Whose the native sockets are. */
const owners = new WeakMap<EventTarget, EventTarget>();
const stops = new WeakSet<Event>();
let prototypes: [asItIs: object, unescaped: object] | undefined;

/** From now on, events of `native` say that they are `owner`'s. */
export function own(native: EventTarget, owner: EventTarget): void {
  owners.set(native, owner);
}

/**
 * Makes a native event say that its target is the socket's owner. One whose text is escaped says it without
 * the escape, its first character.
 */
export function retarget(event: MessageEvent, isEscaped = false): void {
  prototypes ??= makePrototypes();
  Object.setPrototypeOf(event, prototypes[isEscaped ? 1 : 0]);
}

/** Whether `stopImmediatePropagation` was called on a retargeted event: the platform does not tell. */
export function isStopped(event: Event): boolean {
  return stops.has(event);
}

function owner<T extends EventTarget | null>(target: T): T | EventTarget {
  return (target && owners.get(target)) ?? target;
}

/** Made when they are first needed: importing the package must do nothing. */
function makePrototypes(): [object, object] {
  class Retargeted extends MessageEvent<unknown> {
    override get target() {
      return owner(super.target);
    }
    override get currentTarget() {
      return owner(super.currentTarget);
    }
    override get srcElement() {
      return owner(super.target);
    }
    override composedPath() {
      return super.composedPath().map(owner);
    }
    override stopImmediatePropagation() {
      stops.add(this);
      super.stopImmediatePropagation();
    }
  }
  // A class of its own: the others' `data` stays the browser's, which engines are quick with.
  class Unescaped extends Retargeted {
    override get data() {
      return (super.data as string).slice(1);
    }
  }
  for (const { prototype } of [Retargeted, Unescaped]) {
    // What people see of it is the platform's.
    Reflect.deleteProperty(prototype, 'constructor');
  }
  return [Retargeted.prototype, Unescaped.prototype];
}
