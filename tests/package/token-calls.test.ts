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
  forget(): void;
  ask(provider: Provider, plan: Plan, reason: TokenRequest['reason'], anew: boolean, asker: object): void;
}

const { Tokens } = (await import(new URL('./tokens.js', import.meta.resolve('envsocket')).href)) as {
  Tokens: new () => Tokens;
};

const plan = (envId = 'env'): Plan => ({ pair: ['project', envId] });

/** What an asker hears. */
function asker() {
  const heard: unknown[] = [];
  return {
    heard,
    answered: (token: unknown) => void heard.push(token),
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

test('asking anew begins another call, which is the one that is shared from then on', async () => {
  const tokens = new Tokens();
  const { provider, settle } = slow();
  const [one, anew, third] = [asker(), asker(), asker()];
  tokens.ask(provider, plan(), 'first', false, one);
  tokens.ask(provider, plan(), 'first', true, anew);
  expect(provider).toHaveBeenCalledTimes(2);
  // The late answer of the first does not end the second.
  settle[0]!('late');
  await turn();
  tokens.ask(provider, plan(), 'first', false, third);
  expect(provider).toHaveBeenCalledTimes(2);
  settle[1]!('token');
  await turn();
  expect([one.heard, anew.heard, third.heard]).toEqual([['late'], ['token'], ['token']]);
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
  const who = asker();
  tokens.ask(provider, own, 'first', false, who);
  tokens.ask(provider, other, 'first', false, who);
  tokens.forget();
  expect([tokens.of(own), tokens.of(other)]).toEqual([undefined, undefined]);
  settle[0]!('late');
  fail[1]!('late');
  await turn();
  expect(who.heard).toEqual([]);
  // The next to sign in does not get the answer that was for the last one.
  tokens.ask(provider, own, 'first', false, who);
  expect(provider).toHaveBeenCalledTimes(3);
});
