// Who this page is to the server: anybody, the demo's user, or somebody with a link for watching. Tokens are in
// memory and nowhere else; the code of a viewer is in the address's hash, which no server is sent.

import { PermanentAuthError } from 'envsocket';
import { ApiError, ask, messageOf } from './http';

export type Role =
  /** The server asks nobody who they are. */
  | 'anybody'
  /** May do everything. */
  | 'user'
  /** May watch one environment. */
  | 'viewer';

/** What can be seen of the tokens, which nobody can see. */
export interface TokenNews {
  /** How many the connections were given. */
  readonly count: number;
  /** Unix ms of the latest; null before the first. */
  readonly at: number | null;
}

interface Issued {
  readonly token: string;
  readonly expiresInMs: number;
}

/** Ms. A request that is under way for so long is still answered in time. */
const MARGIN_MS = 5000;
/** Ms. Often enough for a server that is being started. */
const RETRY_MS = 1000;

let role: Role = 'anybody';
let news: TokenNews = { count: 0, at: null };
let forApi: { readonly token: string; readonly until: number } | null = null;
const listeners = new Set<() => void>();

/** The code in the address, `#/alpha/dev?viewer=…`; null where there is none. */
export const viewerCode = codeInAddress();

// A link for watching that is opened in a tab of the demo changes nothing but the hash: whoever the page is, it is so
// from its beginning.
window.addEventListener('hashchange', () => {
  if (codeInAddress() !== viewerCode) location.reload();
});

export function roleNow(): Role {
  return role;
}

/** Asks the server whether it wants to know who is there, as long as it takes. Before anything else is asked. */
export async function findRole(): Promise<Role> {
  for (;;) {
    try {
      const response = await ask('GET', '/api/demo');
      const { expiresInMs } = (await response.json()) as { expiresInMs: number | null };
      if (expiresInMs !== null) role = viewerCode === null ? 'user' : 'viewer';
      return role;
    } catch {
      // The server is being started.
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

/** For the manager: it asks when it needs one, and again before that one expires. */
export async function socketToken(): Promise<string> {
  const { token } = await issue();
  news = { count: news.count + 1, at: Date.now() };
  for (const listener of listeners) listener();
  return token;
}

/** For requests; null where nobody asks. */
export async function apiToken(): Promise<string | null> {
  if (role === 'anybody') return null;
  if (forApi === null || forApi.until < performance.now()) {
    const asked = performance.now();
    const { token, expiresInMs } = await issue();
    forApi = { token, until: asked + expiresInMs - Math.min(MARGIN_MS, expiresInMs / 2) };
  }
  return forApi.token;
}

/** The token was refused: the next request has another one. */
export function dropApiToken(): void {
  forApi = null;
}

export function watchTokens(changed: () => void): () => void {
  listeners.add(changed);
  return () => listeners.delete(changed);
}

export function tokenNews(): TokenNews {
  return news;
}

function codeInAddress(): string | null {
  return new URLSearchParams(location.hash.split('?')[1] ?? '').get('viewer');
}

async function issue(): Promise<Issued> {
  try {
    const response = await ask('POST', '/api/demo/token', {
      body: viewerCode === null ? {} : { viewer: viewerCode },
    });
    return (await response.json()) as Issued;
  } catch (error) {
    // A link that has run out does so for good; a server that is away comes back.
    const isRefused = error instanceof ApiError && (error.status === 401 || error.status === 403);
    throw isRefused ? new PermanentAuthError(messageOf(error)) : error;
  }
}
