// Which environment is looked at: the address's hash (`#/alpha/dev`), so that reload, bookmarks and the back
// button work. Does not know whether such an environment exists.

import { useCallback, useEffect, useState } from 'react';
import { viewerCode } from './access';
import { samePair, type Pair } from './pair';

export interface Selection {
  readonly selected: Pair | null;
  /** Adds to the history, unless it is selected already. */
  select(pair: Pair): void;
  /** Selects nothing; the back button does not lead to what was left. */
  clear(): void;
}

export function useSelection(): Selection {
  const [selected, setSelected] = useState(() => parseHash(location.hash));

  useEffect(() => {
    const follow = () => setSelected(parseHash(location.hash));
    window.addEventListener('hashchange', follow);
    return () => window.removeEventListener('hashchange', follow);
  }, []);

  const select = useCallback((pair: Pair) => {
    const present = parseHash(location.hash);
    if (present !== null && samePair(present, pair)) return;
    // Setting location.hash would tell the page only in a later task; pushState and the state are at once.
    history.pushState(null, '', hashOf(pair));
    setSelected(pair);
  }, []);

  const clear = useCallback(() => {
    history.replaceState(null, '', location.pathname + location.search);
    setSelected(null);
  }, []);

  return { selected, select, clear };
}

export function hashOf(pair: Pair): string {
  return viewerCode === null ? placeOf(pair) : viewerHashOf(pair, viewerCode);
}

/** The address under which somebody watches; what follows `#` is sent to no server. */
export function viewerHashOf(pair: Pair, code: string): string {
  return `${placeOf(pair)}?viewer=${encodeURIComponent(code)}`;
}

function placeOf({ project, env }: Pair): string {
  return `#/${encodeURIComponent(project)}/${encodeURIComponent(env)}`;
}

/** Null for anything that names no environment: people edit addresses. */
export function parseHash(hash: string): Pair | null {
  const [, project, env] = /^#\/([^/]+)\/([^/?]+)(?:\?.*)?$/.exec(hash) ?? [];
  if (project === undefined || env === undefined) return null;
  try {
    return { project: decodeURIComponent(project), env: decodeURIComponent(env) };
  } catch {
    // A stray % is no escape sequence.
    return null;
  }
}
