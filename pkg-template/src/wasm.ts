// The wasm, brought along as text: so it can be had synchronously, in every bundler, without a setting.
// wasm-pack's own entry imports the .wasm file as a module, which Vite and Node do only with plugins or
// flags; `new URL('…wasm', import.meta.url)` makes webpack and Vite emit it a second time.

import { adopt, bindings, imports, isReady } from './bindings.js';
import type { Bindings } from './core.js';
import inlined from './wasm/inline.js';

/** Instantiates the wasm when it is first called. */
export function inlinedBindings(): Bindings {
  if (!isReady()) {
    const bytes = Uint8Array.from(atob(inlined), (char) => char.charCodeAt(0));
    adopt(new WebAssembly.Instance(new WebAssembly.Module(bytes), imports));
  }
  return bindings;
}
