// `envsocket/slim`: everything, with the wasm as a file of its own, for those who count kilobytes: it is
// smaller than inside a script, compiles while it downloads, and is cached by itself. It must not import
// the inlined wasm.

import { adopt, bindings, imports, isReady } from './bindings.js';
import type { Bindings } from './core.js';
import { isTaken, offerEngine } from './registry.js';

export * from './api.js';

/** Where the wasm is (`envsocket/envsocket.wasm`), its bytes, or the module that was made of them. */
export type WasmSource = string | URL | Response | BufferSource | WebAssembly.Module;

let pending: Promise<void> | undefined;

/**
 * Loads the wasm. What is imported from `envsocket/slim` can be used once it has resolved; it throws before.
 * A second call returns the first one's promise, unless that one has failed. On a page that has the
 * whole `envsocket`, there is nothing to load.
 */
export function initialize(source: WasmSource | PromiseLike<WasmSource>): Promise<void> {
  pending ??= load(source).catch((error: unknown) => {
    pending = undefined;
    throw error;
  });
  return pending;
}

async function load(given: WasmSource | PromiseLike<WasmSource>): Promise<void> {
  if (isReady() || !isTaken(loadedBindings)) return;
  let source = await given;
  if (typeof source === 'string' || source instanceof URL) source = await fetch(source);
  const compiled =
    typeof Response === 'function' && source instanceof Response
      ? await instantiateResponse(source)
      : await instantiate(source as BufferSource);
  adopt(compiled);
}

async function instantiateResponse(response: Response): Promise<WebAssembly.Instance> {
  if (!response.ok) throw new Error(`envsocket: no wasm at ${response.url}: status ${response.status}`);
  // Browsers compile while it downloads only what comes under its own type.
  const isTyped = response.headers.get('Content-Type')?.startsWith('application/wasm');
  if (!isTyped) return instantiate(await response.arrayBuffer());
  return (await WebAssembly.instantiateStreaming(response, imports)).instance;
}

async function instantiate(source: BufferSource | WebAssembly.Module): Promise<WebAssembly.Instance> {
  // The platform's answer depends on what it is given.
  const given = source as BufferSource;
  const made: WebAssembly.Instance | { instance: WebAssembly.Instance } = await WebAssembly.instantiate(
    given,
    imports,
  );
  return 'instance' in made ? made.instance : made;
}

function loadedBindings(): Bindings {
  if (!isReady()) throw new Error('envsocket/slim: wait for initialize(…) before its connections are used');
  return bindings;
}

offerEngine(loadedBindings);
