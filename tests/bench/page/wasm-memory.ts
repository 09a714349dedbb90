// How much linear memory the page's wasm has: JavaScript's heap does not count it. Must be imported before
// whatever instantiates it.

let memory: WebAssembly.Memory | null = null;

WebAssembly.Instance = class extends WebAssembly.Instance {
  constructor(module: WebAssembly.Module, imports?: WebAssembly.Imports) {
    super(module, imports);
    // By its type: the package's build shortens the names.
    memory = Object.values(this.exports).find((item) => item instanceof WebAssembly.Memory) ?? null;
  }
};

export function wasmBytes(): number {
  if (!memory) throw new Error('no wasm with a memory was instantiated');
  return memory.buffer.byteLength;
}
