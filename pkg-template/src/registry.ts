// Where the entries of the package meet: `envsocket` or `envsocket/slim` leave the way to the wasm here, the
// others find the page's manager. It must not import the wasm, and importing it must do nothing.

import { type Bindings, Core } from './core.js';

/** One core a page, however many copies of this module a hot reload or two bundles bring. */
const PAGE = Symbol.for('envsocket.page');

/** The package's. Copies of one version share the core; those of two would not understand each other. */
const VERSION = '0.1.0';

type Load = () => Bindings;

let load: Load | undefined;

/** Says how to come by the engine. It is not called before it is needed. */
export function provideEngine(how: Load): void {
  load = how;
}

/** As {@link provideEngine}, for a way that has to be prepared: one that is ready at once is better. */
export function offerEngine(how: Load): void {
  load ??= how;
}

/** Whether this way is the one that is taken. */
export function isTaken(how: Load): boolean {
  return load === how;
}

/** A core of its own. */
export function newCore(): Core {
  if (!load) {
    throw new Error(
      "envsocket: import 'envsocket' or 'envsocket/slim' before its connections are used; " +
        'they bring the engine',
    );
  }
  return new Core(load());
}

/** The page's core. */
export function pageCore(): Core {
  const page = globalThis as { [PAGE]?: { readonly version: string; readonly core: Core } };
  const { version, core } = (page[PAGE] ??= { version: VERSION, core: newCore() });
  if (version === VERSION) return core;
  throw new Error(
    `envsocket: this page has version ${version} already, and cannot have ${VERSION} beside it; ` +
      'one of them must go, or have a manager of its own by createWebSocketManager()',
  );
}
