// Who gave which token, or which function that gets one; and the calls of those that are under way. Tokens are here,
// with the connections that use them (credentials.ts) and in the engine, and nowhere else. It must not decide when one
// is needed.

import type { Pair, Plan } from './plan.js';
import { isPromise } from './promise.js';
import type { Token, TokenRequest } from './types.js';

export type Provider = Exclude<Token, string>;

/** What those hear who asked. */
export interface Asker {
  /** Whether it is still wanted. */
  answered(token: unknown): boolean;
  failed(error: unknown): void;
}

/** One call of a function, until it answers. */
interface Call {
  readonly number: number;
  /** By who asks: what is heard by their latest question, and how many of the earlier ones ran out of time. */
  readonly waiting: Map<Plan, { readonly asker: Asker; readonly late: number }>;
}

/** What there is of one function and one pair. */
interface Desk {
  calls: number;
  /** The latest call that has answered, by its number. */
  heard: number;
  /** The one to wait for. */
  call?: Call | undefined;
  /** A token that came when nobody waited for it any more. */
  left?: { readonly token: unknown } | undefined;
}

/** A call that so many questions of one connection have waited for in vain is not waited for any more. */
const PATIENCE = 2;

/** A bare EnvSocket has no names. */
const NAMELESS: Pair = ['', ''];

export class Tokens {
  /** What the manager was configured with. */
  #common: Token | undefined;
  /** What connections were given; another map after `forget`. */
  #own = new WeakMap<Plan, Token>();
  /** By the pair; another map after `forget`. */
  #desks = new WeakMap<Provider, Map<string, Desk>>();

  /** For the connections that have none of their own. */
  share(token: Token | undefined): void {
    this.#common = token ?? this.#common;
  }

  give(plan: Plan, token: Token | undefined): void {
    if (token !== undefined) this.#own.set(plan, token);
  }

  /** Whether it was given one of its own. */
  has(plan: Plan): boolean {
    return this.#own.has(plan);
  }

  /** What was given for it. One that is made alone may go anywhere: it has only what its maker gave it. */
  of(plan: Plan): Token | undefined {
    return this.#own.get(plan) ?? (plan.pair ? this.#common : undefined);
  }

  /** The texts that it may be about to show, or whose place another one has taken. */
  textsOf(plan: Plan): string[] {
    return [this.#own.get(plan), this.#common].filter((token) => typeof token === 'string');
  }

  /** Forgets all of them. What is asked for now goes to nobody. */
  forget(): void {
    this.#common = undefined;
    this.#own = new WeakMap();
    this.#desks = new WeakMap();
  }

  /**
   * Asks for a token: by one call for all who ask the same function for the same pair. `isLate`: the last question of
   * this connection was not answered in time; it waits on for the same call, or has its answer that came meanwhile, and
   * asks anew after the second time. The asker hears of it at most once, and before this returns if the answer is there.
   */
  ask(provider: Provider, plan: Plan, reason: TokenRequest['reason'], isLate: boolean, asker: Asker): void {
    const desks = this.#desks;
    let desksOfProvider = desks.get(provider);
    if (!desksOfProvider) desks.set(provider, (desksOfProvider = new Map()));
    const pairs = desksOfProvider;
    const pair = plan.pair ?? NAMELESS;
    const key = JSON.stringify(pair);
    const desk: Desk = pairs.get(key) ?? { calls: 0, heard: 0 };
    pairs.set(key, desk);
    const tidy = () => {
      if (!desk.call && !desk.left && pairs.get(key) === desk) pairs.delete(key);
    };

    if (desk.left) {
      const { token } = desk.left;
      desk.left = undefined;
      tidy();
      asker.answered(token);
      return;
    }
    const before = desk.call?.waiting.get(plan);
    const late = before ? before.late + Number(isLate) : 0;
    if (desk.call && late < PATIENCE) {
      desk.call.waiting.set(plan, { asker, late });
      return;
    }

    const call: Call = { number: (desk.calls += 1), waiting: new Map([[plan, { asker, late: 0 }]]) };
    desk.call = call;
    const over = (hear: () => void) => {
      if (desk.call === call) desk.call = undefined;
      // The function may have signed out itself.
      if (desks === this.#desks) hear();
      tidy();
    };
    const answered = (token: unknown) =>
      over(() => {
        let isTaken = false;
        for (const { asker } of call.waiting.values()) isTaken = asker.answered(token) || isTaken;
        // What an earlier call brings is older.
        if (call.number < desk.heard) return;
        desk.heard = call.number;
        desk.left = isTaken ? undefined : { token };
      });
    const failed = (error: unknown) =>
      over(() => {
        for (const { asker } of call.waiting.values()) asker.failed(error);
      });

    let answer: unknown;
    try {
      answer = provider({ projectName: pair[0], envId: pair[1], reason });
      if (isPromise(answer)) {
        Promise.resolve(answer).then(answered, failed);
        return;
      }
    } catch (error) {
      // Its own, or that of a promise that is none.
      failed(error);
      return;
    }
    answered(answer);
  }
}
