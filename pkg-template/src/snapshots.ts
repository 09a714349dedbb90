// Snapshots, rebuilt from what changed: a row that is unchanged stays the same object, so that React
// renders only the others.

import { statusName } from './status.js';
import type { ConnectionSnapshot, ManagerSnapshot } from './types.js';
import type { Engine } from './wasm/envsocket_bg.js';

/** A connection of the snapshot, with its number in the engine. */
export interface Row {
  readonly id: number;
  readonly revision: number;
  readonly snapshot: ConnectionSnapshot;
}

/** [project, env, status, reason, attempt, nextAttemptAt, connectedAt, protocol] */
type Facts = [
  string,
  string,
  number,
  string | null,
  number,
  number | null,
  number | null,
  ConnectionSnapshot['protocol'],
];

export class Snapshots {
  readonly #engine: Engine;
  #rows: ReadonlyMap<number, Row> = new Map();
  #last: ManagerSnapshot | null = null;
  #isStale = true;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Something in it is another by now. */
  stale(): void {
    this.#isStale = true;
  }

  get present(): ManagerSnapshot {
    if (this.#isStale || !this.#last) {
      // First: what the engine is asked here may not change anything.
      this.#isStale = false;
      this.#last = this.#rebuilt(this.#last);
    }
    return this.#last;
  }

  get rows(): Iterable<Row> {
    void this.present;
    return this.#rows.values();
  }

  #rebuilt(last: ManagerSnapshot | null): ManagerSnapshot {
    const [online, activeId, ...list] = this.#engine.listing();
    const rows = new Map<number, Row>();
    for (let at = 0; at < list.length; at += 2) {
      const row = this.#row(list[at]!, list[at + 1]!, list[at] === activeId);
      if (row) rows.set(row.id, row);
    }
    this.#rows = rows;
    const snapshots = Array.from(rows.values(), ({ snapshot }) => snapshot);
    const isSame = sameItems(snapshots, last?.connections);
    if (last && isSame && last.online === (online === 1)) return last;
    return Object.freeze<ManagerSnapshot>({
      connections: isSame ? last!.connections : Object.freeze(snapshots),
      active: rows.get(activeId!)?.snapshot ?? null,
      online: online === 1,
      sharing: 'tab',
      degraded: last?.degraded ?? Object.freeze([]),
    });
  }

  #row(id: number, revision: number, isActive: boolean): Row | undefined {
    const known = this.#rows.get(id);
    if (known?.revision === revision) {
      if (known.snapshot.isActive === isActive) return known;
      return { ...known, snapshot: Object.freeze({ ...known.snapshot, isActive }) };
    }
    const facts = this.#engine.row(id) as Facts | undefined;
    if (!facts) return undefined;
    const [projectName, envId, status, reason, attempt, nextAttemptAt, connectedAt, protocol] = facts;
    const snapshot = Object.freeze<ConnectionSnapshot>({
      projectName,
      envId,
      label: `${projectName}-${envId}`,
      status: statusName(status),
      isActive,
      reason,
      attempt,
      nextAttemptAt,
      connectedAt,
      protocol,
    });
    return { id, revision, snapshot };
  }
}

function sameItems<T>(one: readonly T[], other: readonly T[] | undefined): boolean {
  return one.length === other?.length && one.every((item, at) => item === other[at]);
}
