// One engine with what JavaScript keeps beside it. It must not import the wasm: entries that only look at
// a page's connections would download it a second time.

import type { Conversation } from './conversation.js';
import type { Link } from './link.js';
import { AUTO, noSettings, PROTOCOL, type Settings } from './options.js';
import { Page } from './page.js';
import type { Pair } from './plan.js';
import { type Row, Snapshots } from './snapshots.js';
import { Tokens } from './tokens.js';
import type { ManagerSnapshot } from './types.js';
import type { Engine } from './wasm/envsocket_bg.js';

/** What the wasm brings. */
export type Bindings = Pick<typeof import('./wasm/envsocket_bg.js'), 'Engine'>;

export class Core {
  readonly engine: Engine;
  readonly page = new Page(this);
  /** What holds for all connections. */
  readonly settings: Settings = noSettings();
  readonly tokens = new Tokens();
  /** Those of all connections that want to hear something. */
  readonly ears = new Set<Conversation>();
  readonly #snapshots: Snapshots;

  constructor({ Engine }: Bindings) {
    this.engine = new Engine(this.page);
    this.#snapshots = new Snapshots(this.engine);
    // Who makes a connection without a manager has this off.
    this.settings.numbers[PROTOCOL] = AUTO;
    this.engine.configure(this.settings.numbers);
  }

  /** The snapshot would show something else now. */
  stale(): void {
    this.#snapshots.stale();
  }

  /** How many want to hear something of a connection's messages, without the listeners of its `message` event. */
  get listeners(): number {
    return Array.from(this.ears, ({ listeners }) => listeners).reduce((sum, count) => sum + count, 0);
  }

  /** The engine's number for the pair's connection; one that none ever has where there is none. */
  listed(pair: Pair): number {
    return this.engine.listed(...pair);
  }

  /** What was made for the pair, if it has a connection that can be shared. */
  find(pair: Pair): Link | undefined {
    return this.linkOf(this.listed(pair));
  }

  /** The same for the connection with this number. */
  linkOf(id: number): Link | undefined {
    return this.engine.find(id) as Link | undefined;
  }

  /** What was shared among the connections is another: the engine must know whether they have a token. */
  applyTokens(): void {
    for (const { id } of this.rows) this.linkOf(id)?.credentials.apply();
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
