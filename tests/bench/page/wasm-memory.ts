// How much linear memory the page's wasm has: JavaScript's heap does not count it. Must be imported before
// whatever instantiates it.

let memory: WebAssembly.Memory | null = null;

WebAssembly.Instance = class extends WebAssembly.Instance {
  constructor(module: WebAssembly.Module, imports?: WebAssembly.Imports) {
    super(module, imports);
    memory = this.exports['memory'] as WebAssembly.Memory;
  }
};

/** Zero as long as there is none. */
export function wasmBytes(): number {
  return memory?.buffer.byteLength ?? 0;
}
