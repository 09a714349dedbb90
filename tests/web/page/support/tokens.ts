// Functions for tokens, and what servers were sent of them.
// Must not: wait for time to pass.

import type { TokenRequest } from 'envsocket';
import { observed } from './server';

export interface Provider {
  /** The function for `token`. */
  readonly token: (request: TokenRequest) => string | Promise<string>;
  /** What it was asked, in order. */
  readonly asked: TokenRequest[];
  readonly reasons: string[];
  /** Resolves once it was asked so often. */
  until(calls: number): Promise<void>;
}

/** A function for tokens that notes its calls; `answer` gets their number, which counts from 1. */
export function provider(
  answer: (call: number) => string | Promise<string> = (call) => `token-${call}`,
): Provider {
  const asked: TokenRequest[] = [];
  const reasons: string[] = [];
  const waiting = new Set<() => void>();
  return {
    asked,
    reasons,
    token: (request) => {
      asked.push(request);
      reasons.push(request.reason);
      waiting.forEach((look) => look());
      return answer(asked.length);
    },
    until: (calls) =>
      new Promise((resolve) => {
        const look = () => {
          if (asked.length < calls) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
  };
}

let made = 0;

/** A JWT that nobody has signed, with another number in each. */
export function jwt(lifeMs: number): string {
  made += 1;
  const iat = Date.now() / 1_000;
  const claims = { sub: 'ada', jti: made, iat, exp: iat + lifeMs / 1_000 };
  const text = (part: object) => btoa(JSON.stringify(part)).replace(/=+$/, '');
  return `${text({ alg: 'EdDSA' })}.${text(claims)}.${text({ signature: made })}`;
}

/** The tokens of the hellos, in order, once there are so many. */
export async function hellos(id: string, least = 1): Promise<unknown[]> {
  return framed(id, 'hello', least);
}

/** The tokens that were sent over an open link, in order, once there are so many. */
export async function renewals(id: string, least = 1): Promise<unknown[]> {
  return framed(id, 'token', least);
}

async function framed(id: string, wanted: string, least: number): Promise<unknown[]> {
  for (let frames = 0; ; ) {
    const all = (await observed(id, { frames })).frames ?? [];
    const tokens = all.filter(({ type }) => type === wanted).map(({ token }) => token);
    if (tokens.length >= least) return tokens;
    frames = all.length + 1;
  }
}
