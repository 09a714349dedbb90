// The wasm, brought along as text: so it can be had synchronously, in every bundler, without a setting.
// wasm-pack's own entry imports the .wasm file as a module, which Vite and Node do only with plugins or
// flags; `new URL('…wasm', import.meta.url)` makes webpack and Vite emit it a second time.

import * as bindings from './wasm/envsocket_bg.js';
import inlined from './wasm/inline.js';

let ready = false;

/** Instantiates the wasm when it is first called. */
export function engineClass(): typeof bindings.Engine {
  if (!ready) {
    const bytes = Uint8Array.from(atob(inlined), (char) => char.charCodeAt(0));
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), {
      './envsocket_bg.js': bindings as unknown as WebAssembly.ModuleImports,
    });
    bindings.__wbg_set_wasm(exports);
    (exports['__wbindgen_start'] as () => void)();
    ready = true;
  }
  return bindings.Engine;
}
