// How long a token is good for, as far as it says so itself: `exp` and `iat` of a JWT, and nothing else of it. It must
// not judge the token, which is the server's affair, nor throw for anything that is none.

/**
 * For how many ms from `now` (Unix, ms) it is good; NaN when it does not say. One that also says how long it lives was
 * issued for whoever has it now, and not long ago: it is good for at least half of that, and at most all of it, whatever
 * this page's clock says.
 */
export function restOfLife(token: string, now: number): number {
  const { exp, iat } = claims(token);
  // In seconds (RFC 7519, 4.1).
  const rest = exp * 1_000 - now;
  const life = (exp - iat) * 1_000;
  if (life > 0) return Math.min(Math.max(rest, life / 2), life);
  return rest > 0 ? rest : NaN;
}

function claims(token: string): { exp: number; iat: number } {
  try {
    const [, payload, signature, ...more] = token.split('.');
    if (!payload || signature === undefined || more.length > 0) return { exp: NaN, iat: NaN };
    // Numbers and their names are ASCII: text beyond that may come out as another text.
    const said = JSON.parse(atob(payload.replace(/-/g, '+').replace(/_/g, '/')));
    return { exp: number(said.exp), iat: number(said.iat) };
  } catch {
    return { exp: NaN, iat: NaN };
  }
}

function number(value: unknown): number {
  return Number.isFinite(value) ? (value as number) : NaN;
}
