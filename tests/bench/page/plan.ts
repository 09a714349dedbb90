// How much of everything is measured.

export interface Plan {
  /** Each runs everything once with every contender. */
  readonly rounds: number;
  /** Messages of 64 B in one measurement. */
  readonly small: number;
  /** Messages of 64 KiB in one measurement. */
  readonly large: number;
  readonly trips: number;
  /** Dropped links, for EnvSocket and for those who are there for scale. */
  readonly cuts: { readonly own: number; readonly peers: number };
  readonly idle: { readonly rounds: number; readonly connections: number };
  readonly calls: { readonly rounds: number; readonly connections: number; readonly each: number };
}

export const FULL: Plan = {
  rounds: 15,
  small: 15_000,
  large: 1_500,
  trips: 2_000,
  cuts: { own: 208, peers: 16 },
  idle: { rounds: 3, connections: 200 },
  calls: { rounds: 5, connections: 64, each: 200_000 },
};

/** To see that everything works; too little for a verdict. */
export const QUICK: Plan = {
  rounds: 3,
  small: 5_000,
  large: 200,
  trips: 500,
  cuts: { own: 32, peers: 16 },
  idle: { rounds: 1, connections: 200 },
  calls: { rounds: 2, connections: 64, each: 100_000 },
};
