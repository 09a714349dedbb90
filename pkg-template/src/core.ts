// One engine with what JavaScript keeps beside it. It must not import the wasm: entries that only look at
// a page's connections would download it a second time.

import { noSettings, type Settings } from './options.js';
import { type Row, Snapshots } from './snapshots.js';
import type { ManagerSnapshot } from './types.js';
import type { Engine } from './wasm/envsocket_bg.js';

/** What the wasm brings. */
export type Bindings = Pick<typeof import('./wasm/envsocket_bg.js'), 'Engine' | 'expand'>;

export class Core {
  readonly engine: Engine;
  readonly expand: Bindings['expand'];
  /** What holds for all connections. */
  readonly settings: Settings = noSettings();
  readonly #snapshots: Snapshots;

  constructor({ Engine, expand }: Bindings) {
    // The engine holds its callback for as long as it lives; a strong reference would let neither go.
    const self = new WeakRef<Core>(this);
    this.engine = new Engine(() => {
      const core = self.deref();
      if (core) core.#snapshots.stale();
    });
    this.expand = expand;
    this.#snapshots = new Snapshots(this.engine);
  }

  /** The present snapshot; asks the engine only after a change. */
  get snapshot(): ManagerSnapshot {
    return this.#snapshots.present;
  }

  /** The connections of the snapshot, with their numbers in the engine. */
  get rows(): Iterable<Row> {
    return this.#snapshots.rows;
  }
}
