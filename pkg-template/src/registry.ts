// Where the entries of the package meet: `envsocket` leaves the way to the wasm here, the others find the
// page's manager. It must not import the wasm, and importing it must do nothing.

import { Core } from './core.js';
import type { Engine } from './wasm/envsocket_bg.js';

/** One core a page, however many copies of this module a hot reload or two bundles bring. */
const PAGE = Symbol.for('envsocket.page');

type Load = () => typeof Engine;

let load: Load | null = null;

/** Says how to come by the engine. It is not called before it is needed. */
export function provideEngine(how: Load): void {
  load = how;
}

/** A core of its own. */
export function newCore(): Core {
  if (!load) {
    throw new Error("envsocket: import 'envsocket' before its connections are used; it brings the engine");
  }
  return new Core(load());
}

/** The page's core. */
export function pageCore(): Core {
  const page = globalThis as { [PAGE]?: Core };
  return (page[PAGE] ??= newCore());
}
