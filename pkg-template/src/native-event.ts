// Native MessageEvents with another target. What a listener gets is the very event that the browser made,
// which still says that it was dispatched on the socket inside; its prototype is changed for one that says
// on which EnvSocket. One prototype for all: engines optimise by it.

/** Whose the native sockets are. */
const owners = new WeakMap<EventTarget, EventTarget>();
const stops = new WeakSet<Event>();
let prototype: object | undefined;

/** From now on, events of `native` say that they are `owner`'s. */
export function own(native: EventTarget, owner: EventTarget): void {
  owners.set(native, owner);
}

/** Makes a native event say that its target is the socket's owner. */
export function retarget(event: MessageEvent): void {
  Object.setPrototypeOf(event, (prototype ??= makePrototype()));
}

/** Whether `stopImmediatePropagation` was called on a retargeted event: the platform does not tell. */
export function isStopped(event: Event): boolean {
  return stops.has(event);
}

function owner<T extends EventTarget | null>(target: T): T | EventTarget {
  return (target && owners.get(target)) ?? target;
}

/** Made when it is first needed: importing the package must do nothing. */
function makePrototype(): object {
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
  // What people see of it is the platform's.
  Reflect.deleteProperty(Retargeted.prototype, 'constructor');
  return Retargeted.prototype;
}
