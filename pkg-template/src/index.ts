// `envsocket`: everything, with the wasm inside. For pages that want it to just work: usable
// synchronously in every bundler without configuration. Importing it does nothing but remember where the
// wasm is.

import { provideEngine } from './registry.js';
import { inlinedBindings } from './wasm.js';

export * from './api.js';

provideEngine(inlinedBindings);
