// One engine with what JavaScript keeps beside it. It must not import the wasm: entries that only look at
// a page's connections would download it a second time.

import type { Engine } from './wasm/envsocket_bg.js';
import type { ConnectionStatus, ManagerSnapshot } from './types.js';

/** The engine's numbers for a status, in its order. */
const STATUSES: readonly ConnectionStatus[] = [
  'connecting',
  'connected',
  'reconnecting',
  'disconnecting',
  'disconnected',
  'failed',
];

export function statusName(number: number): ConnectionStatus {
  const status = STATUSES[number];
  if (status === undefined) throw new RangeError(`envsocket: no status ${number}`);
  return status;
}

export class Core {
  readonly engine: Engine;
  #snapshot: ManagerSnapshot | null = null;

  constructor(EngineClass: typeof Engine) {
    // The engine holds its callback for as long as it lives; a strong reference would let neither go.
    const self = new WeakRef<Core>(this);
    this.engine = new EngineClass(() => {
      const core = self.deref();
      if (core) core.#snapshot = null;
    });
  }

  /** The present snapshot; asks the engine only after a change. */
  get snapshot(): ManagerSnapshot {
    return (this.#snapshot ??= this.engine.snapshot() as ManagerSnapshot);
  }
}
