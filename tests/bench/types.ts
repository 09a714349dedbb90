// What the page hands over, and what the runner adds to it. Types alone.

import type { ComingBack } from './page/coming-back.js';
import type { Mode, Name, Peer } from './page/frames.js';
import type { ManagerCalls } from './page/manager-calls.js';
import type { ComingsBack } from './page/phase-cuts.js';
import type { Idle } from './page/phase-idle.js';
import type { Traffic } from './page/phase-traffic.js';
import type { Plan } from './page/plan.js';

export type { ComingBack, Mode, Name, Peer, Traffic };

/** What the page measured. */
export interface Figures {
  readonly browser: string;
  readonly plan: Plan;
  readonly traffic: Traffic<Peer>;
  /** EnvSocket with the protocol and without it. */
  readonly protocol: Traffic<Mode>;
  readonly calls: readonly ManagerCalls[];
  readonly comingBack: ComingsBack;
  readonly idle: Idle;
}

/** What `bench.json` holds, the verdicts apart. */
export interface Result extends Figures {
  readonly quick: boolean;
  readonly machine: { readonly cpu: string; readonly cores: number; readonly browser: string };
  /** Bytes, gzipped. */
  readonly sizes: Readonly<Record<string, { readonly script: number; readonly wasm: number }>>;
}

/** One budget of the design, and how it was kept. */
export interface Verdict {
  readonly budget: string;
  readonly outcome: 'met' | 'NOT MET' | 'too noisy' | 'too short';
  readonly measured: string;
}
