// wasm-bindgen's glue, which holds one instance of the wasm: `envsocket` and `envsocket/slim` on one page
// share it. It must not know where the wasm comes from.

import * as bindings from './wasm/envsocket_bg.js';

export { bindings };

/** What the wasm imports: under wasm-bindgen's name in a build for debugging, else under the shortest. */
const functions = bindings as unknown as WebAssembly.ModuleImports;
export const imports = { './envsocket_bg.js': functions, a: functions };

let ready = false;

/** Whether the bindings can be called. */
export function isReady(): boolean {
  return ready;
}

/** Makes an instance the bindings' own. A second one would take the memory from under the first. */
export function adopt({ exports }: WebAssembly.Instance): void {
  if (ready) return;
  bindings.__wbg_set_wasm(exports);
  bindings.__wbg_start();
  ready = true;
}
