// Who gave which token, or which function that gets one; and the calls of those that are under way. Tokens are here,
// with the connections that use them (credentials.ts) and in the engine, and nowhere else. It must not decide when one
// is needed.

import type { Pair, Plan } from './plan.js';
import { isPromise } from './promise.js';
import type { Token, TokenRequest } from './types.js';

export type Provider = Exclude<Token, string>;

/** What those hear who asked. */
export interface Asker {
  answered(token: unknown): void;
  failed(error: unknown): void;
}

/** A bare EnvSocket has no names. */
const NAMELESS: Pair = ['', ''];

export class Tokens {
  /** What the manager was configured with. */
  #common: Token | undefined;
  /** What connections were given; another map after `forget`. */
  #own = new WeakMap<Plan, Token>();
  /** By the pair: what has not answered yet. Another map after `forget`. */
  #calls = new WeakMap<Provider, Map<string, Promise<unknown>>>();

  /** For the connections that have none of their own. */
  share(token: Token | undefined): void {
    this.#common = token ?? this.#common;
  }

  give(plan: Plan, token: Token | undefined): void {
    if (token !== undefined) this.#own.set(plan, token);
  }

  /** What was given for it. One that is made alone may go anywhere: it has only what its maker gave it. */
  of(plan: Plan): Token | undefined {
    return this.#own.get(plan) ?? (plan.pair ? this.#common : undefined);
  }

  /** Forgets all of them. What is asked for now goes to nobody. */
  forget(): void {
    this.#common = undefined;
    this.#own = new WeakMap();
    this.#calls = new WeakMap();
  }

  /**
   * Asks for a token: once for all who ask the same function for the same pair before it has answered, unless one
   * insists on asking `anew`. The asker hears of it at most once, and before this returns if the answer is there.
   */
  ask(provider: Provider, plan: Plan, reason: TokenRequest['reason'], anew: boolean, asker: Asker): void {
    const all = this.#calls;
    let calls = all.get(provider);
    if (!calls) all.set(provider, (calls = new Map()));
    const pair = plan.pair ?? NAMELESS;
    const key = JSON.stringify(pair);
    // The function may sign out itself.
    const tell = (hear: () => void) => {
      if (all === this.#calls) hear();
    };
    let call = anew ? undefined : calls.get(key);
    if (!call) {
      let answer: unknown;
      try {
        answer = provider({ projectName: pair[0], envId: pair[1], reason });
      } catch (error) {
        tell(() => asker.failed(error));
        return;
      }
      if (!isPromise(answer)) {
        tell(() => asker.answered(answer));
        return;
      }
      calls.set(key, (call = Promise.resolve(answer)));
    }
    const over = (hear: () => void) => {
      if (calls.get(key) === call) calls.delete(key);
      tell(hear);
    };
    call.then(
      (token) => over(() => asker.answered(token)),
      (error: unknown) => over(() => asker.failed(error)),
    );
  }
}
