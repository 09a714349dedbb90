// Who asks the application's function for a token: once for all who wait, and for nobody after a sign-out.

import { expect, test, vi } from 'vitest';

import type { Token, TokenRequest } from 'envsocket';

type Provider = Exclude<Token, string>;
interface Plan {
  readonly pair: readonly [string, string] | null;
}
interface Tokens {
  share(token: Token | undefined): void;
  give(plan: Plan, token: Token | undefined): void;
  of(plan: Plan): Token | undefined;
  has(plan: Plan): boolean;
  textsOf(plan: Plan): string[];
  forget(): void;
  ask(provider: Provider, plan: Plan, reason: TokenRequest['reason'], isLate: boolean, asker: object): void;
}

const { Tokens } = (await import(new URL('./tokens.js', import.meta.resolve('envsocket')).href)) as {
  Tokens: new () => Tokens;
};

const plan = (envId = 'env'): Plan => ({ pair: ['project', envId] });

/** What an asker hears, that may be one who does not want it any more. */
function asker(isWanted = true) {
  const heard: unknown[] = [];
  return {
    heard,
    answered: (token: unknown) => {
      heard.push(token);
      return isWanted;
    },
    failed: (error: unknown) => void heard.push(['failed', error]),
  };
}

/** A function for tokens that answers when it is told to. */
function slow() {
  const settle: ((token: string) => void)[] = [];
  const fail: ((error: unknown) => void)[] = [];
  const provider = vi.fn(
    (_: TokenRequest) =>
      new Promise<string>((resolve, reject) => {
        settle.push(resolve);
        fail.push(reject);
      }),
  );
  return { provider, settle, fail };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('one call is shared by all who wait for one pair, and is over with its answer', async () => {
  const tokens = new Tokens();
  const { provider, settle } = slow();
  const [one, other, late] = [asker(), asker(), asker()];
  tokens.ask(provider, plan(), 'first', false, one);
  // Another EnvSocket of the same pair.
  tokens.ask(provider, plan(), 'rejected', false, other);
  expect(provider.mock.calls).toEqual([[{ projectName: 'project', envId: 'env', reason: 'first' }]]);
  settle[0]!('token');
  await turn();
  expect([one.heard, other.heard]).toEqual([['token'], ['token']]);
  tokens.ask(provider, plan(), 'expired', false, late);
  expect(provider).toHaveBeenCalledTimes(2);
  expect(provider).toHaveBeenLastCalledWith({ projectName: 'project', envId: 'env', reason: 'expired' });
});

test('other pairs and other functions have calls of their own', () => {
  const tokens = new Tokens();
  const [one, other] = [slow(), slow()];
  const who = asker();
  tokens.ask(one.provider, plan('a'), 'first', false, who);
  tokens.ask(one.provider, plan('b'), 'first', false, who);
  tokens.ask(other.provider, plan('a'), 'first', false, who);
  tokens.ask(one.provider, { pair: null }, 'first', false, who);
  expect(one.provider.mock.calls.map(([request]) => request.envId)).toEqual(['a', 'b', '']);
  expect(other.provider).toHaveBeenCalledTimes(1);
});

test('who was late waits on for the same call, and asks anew only when it was late twice', async () => {
  const tokens = new Tokens();
  const { provider, settle } = slow();
  const who = plan();
  const [first, second, third, other] = [asker(), asker(), asker(), asker()];
  tokens.ask(provider, who, 'first', false, first);
  tokens.ask(provider, who, 'first', true, second);
  // Hurried, and not late.
  tokens.ask(provider, who, 'first', false, second);
  expect(provider).toHaveBeenCalledTimes(1);
  tokens.ask(provider, who, 'first', true, third);
  expect(provider).toHaveBeenCalledTimes(2);
  // Another one waits for the call that is waited for.
  tokens.ask(provider, plan(), 'first', true, other);
  expect(provider).toHaveBeenCalledTimes(2);
  settle[1]!('token');
  await turn();
  expect([first.heard, second.heard, third.heard, other.heard]).toEqual([[], [], ['token'], ['token']]);
});

test('many who share a call, and are all late, do not multiply it', () => {
  const tokens = new Tokens();
  const { provider } = slow();
  const plans = Array.from({ length: 5 }, (): Plan => ({ pair: null }));
  for (const isLate of [false, true]) {
    for (const one of plans) tokens.ask(provider, one, 'first', isLate, asker());
    expect(provider).toHaveBeenCalledTimes(1);
  }
  for (const one of plans) tokens.ask(provider, one, 'first', true, asker());
  expect(provider).toHaveBeenCalledTimes(2);
});

test('an answer that nobody wants any more is for the next who asks, once', async () => {
  const tokens = new Tokens();
  const { provider, settle } = slow();
  const [gone, next, later, stranger] = [asker(false), asker(), asker(), asker()];
  tokens.ask(provider, plan(), 'first', false, gone);
  settle[0]!('token');
  await turn();
  tokens.ask(provider, plan('another'), 'first', false, stranger);
  expect(provider).toHaveBeenCalledTimes(2);
  tokens.ask(provider, plan(), 'first', true, next);
  expect([next.heard, stranger.heard]).toEqual([['token'], []]);
  expect(provider).toHaveBeenCalledTimes(2);
  tokens.ask(provider, plan(), 'rejected', false, later);
  expect(later.heard).toEqual([]);
  expect(provider).toHaveBeenCalledTimes(3);
});

test('what a call brings that was given up is kept only until a later one has answered', async () => {
  const tokens = new Tokens();
  const { provider, settle } = slow();
  const who = plan();
  const ask = (isLate: boolean, isWanted = true) => {
    const one = asker(isWanted);
    tokens.ask(provider, who, 'first', isLate, one);
    return one;
  };
  for (const isLate of [false, true]) ask(isLate, false);
  const anew = ask(true);
  settle[1]!('of the second call');
  await turn();
  settle[0]!('of the first call');
  await turn();
  expect(anew.heard).toEqual(['of the second call']);
  expect(ask(false).heard).toEqual([]);
  expect(provider).toHaveBeenCalledTimes(3);
});

test('what a call brings that was given up is there for who waits for a later one, and asks again', async () => {
  const tokens = new Tokens();
  const { provider, settle } = slow();
  const who = plan();
  for (const isLate of [false, true]) tokens.ask(provider, who, 'first', isLate, asker(false));
  const [anew, again] = [asker(), asker()];
  tokens.ask(provider, who, 'first', true, anew);
  settle[0]!('of the first call');
  await turn();
  tokens.ask(provider, who, 'first', true, again);
  expect([anew.heard, again.heard]).toEqual([[], ['of the first call']]);
  expect(provider).toHaveBeenCalledTimes(2);
});

test('a failure that nobody waits for is not kept', async () => {
  const tokens = new Tokens();
  const { provider, fail } = slow();
  tokens.ask(provider, plan(), 'first', false, asker(false));
  fail[0]!('offline');
  await turn();
  const next = asker();
  tokens.ask(provider, plan(), 'first', true, next);
  expect(next.heard).toEqual([]);
  expect(provider).toHaveBeenCalledTimes(2);
});

test('a function that asks for itself is not called by that', () => {
  const tokens = new Tokens();
  const [inner, outer] = [asker(), asker()];
  const provider = vi.fn((): string => {
    tokens.ask(provider, plan('env'), 'first', false, inner);
    return 'token';
  });
  tokens.ask(provider, plan('env'), 'first', false, outer);
  expect(provider).toHaveBeenCalledTimes(1);
  expect([inner.heard, outer.heard]).toEqual([['token'], ['token']]);
});

test('what only looks like a promise is a failure', () => {
  const tokens = new Tokens();
  const who = asker();
  const error = new Error('no promise');
  const trap = {
    get then(): never {
      throw error;
    },
  };
  tokens.ask(() => trap as unknown as Promise<string>, plan(), 'first', false, who);
  expect(who.heard).toEqual([['failed', error]]);
});

test('an answer that is there is heard at once, and so is what is thrown', () => {
  const tokens = new Tokens();
  const who = asker();
  tokens.ask(() => 'token', plan(), 'first', false, who);
  const error = new Error('no session');
  tokens.ask(
    () => {
      throw error;
    },
    plan(),
    'first',
    false,
    who,
  );
  expect(who.heard).toEqual(['token', ['failed', error]]);
});

test('a call that fails is over, too', async () => {
  const tokens = new Tokens();
  const { provider, fail } = slow();
  const who = asker();
  tokens.ask(provider, plan(), 'first', false, who);
  fail[0]!('offline');
  await turn();
  tokens.ask(provider, plan(), 'first', false, who);
  expect(who.heard).toEqual([['failed', 'offline']]);
  expect(provider).toHaveBeenCalledTimes(2);
});

test('anything with a `then` is a promise, and is heard once', async () => {
  const tokens = new Tokens();
  const who = asker();
  const thenable = {
    then(resolve: (token: string) => void, reject: (error: unknown) => void) {
      resolve('token');
      resolve('again');
      reject('and again');
    },
  };
  tokens.ask(() => thenable as Promise<string>, plan(), 'first', false, who);
  await turn();
  expect(who.heard).toEqual(['token']);
});

test('a function that has all forgotten while it is asked is not heard', () => {
  const tokens = new Tokens();
  const who = asker();
  const out = (end: () => string) => () => {
    tokens.forget();
    return end();
  };
  tokens.ask(out(() => 'token'), plan(), 'first', false, who);
  const fail = () => {
    throw new Error('signed out');
  };
  tokens.ask(out(fail), plan(), 'first', false, who);
  expect(who.heard).toEqual([]);
});

test('what was forgotten is nowhere, and late answers go to nobody', async () => {
  const tokens = new Tokens();
  const { provider, settle, fail } = slow();
  const [own, other] = [plan('own'), plan('other')];
  tokens.share('shared');
  tokens.give(own, 'own');
  expect([tokens.of(own), tokens.of(other), tokens.of({ pair: null })]).toEqual(['own', 'shared', undefined]);
  expect([tokens.has(own), tokens.has(other)]).toEqual([true, false]);
  expect([tokens.textsOf(own), tokens.textsOf(other)]).toEqual([['own', 'shared'], ['shared']]);
  const who = asker();
  tokens.ask(provider, own, 'first', false, who);
  tokens.ask(provider, other, 'first', false, who);
  tokens.forget();
  expect([tokens.of(own), tokens.of(other)]).toEqual([undefined, undefined]);
  expect([tokens.has(own), tokens.textsOf(own)]).toEqual([false, []]);
  settle[0]!('late');
  fail[1]!('late');
  await turn();
  expect(who.heard).toEqual([]);
  // The next to sign in does not get the answer that was for the last one.
  tokens.ask(provider, own, 'first', false, who);
  expect(provider).toHaveBeenCalledTimes(3);
});
