// The server's list of projects, as fresh as it is worth: read at the start, when asked, when the page becomes
// visible, and again and again while the server does not answer. Opens and closes no connection.

import { PermanentAuthError } from 'envsocket';
import { useCallback, useEffect, useRef, useState } from 'react';
import { listProjects, type Project } from './api';
import { messageOf } from './http';
import type { Pair } from './pair';

export type Projects =
  | { readonly state: 'loading' }
  | { readonly state: 'ready'; readonly list: readonly Project[] }
  /** `list` is the last one known, null if there never was one. */
  | { readonly state: 'failing'; readonly list: readonly Project[] | null; readonly problem: string }
  /** For good: whoever asks may not know, and no other answer will come. */
  | { readonly state: 'refused'; readonly problem: string };

/** Ms. Often enough for a server that is being started, seldom enough to leave it alone. */
const RETRY_MS = 2000;

export function useProjects(): { projects: Projects; refresh: () => Promise<void> } {
  const [projects, setProjects] = useState<Projects>({ state: 'loading' });
  const newest = useRef(0);

  const refresh = useCallback(async () => {
    // An older answer that comes later must not undo a newer one.
    const turn = ++newest.current;
    let next: (previous: Projects) => Projects;
    try {
      const list = await listProjects();
      next = () => ({ state: 'ready', list });
    } catch (error) {
      const problem = messageOf(error);
      next =
        error instanceof PermanentAuthError
          ? () => ({ state: 'refused', problem })
          : (previous) => ({ state: 'failing', list: listOf(previous), problem });
    }
    if (turn === newest.current) setProjects(next);
  }, []);

  useEffect(() => {
    void refresh();
    const look = () => {
      if (document.visibilityState === 'visible') void refresh();
    };
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
  }, [refresh]);

  useEffect(() => {
    if (projects.state !== 'failing') return;
    const timer = setTimeout(() => void refresh(), RETRY_MS);
    return () => clearTimeout(timer);
  }, [projects, refresh]);

  return { projects, refresh };
}

/** The last list known; null before the first. */
export function listOf(projects: Projects): readonly Project[] | null {
  return 'list' in projects ? projects.list : null;
}

export function pairsOf(list: readonly Project[]): Pair[] {
  return list.flatMap((project) =>
    project.environments.map(({ id }) => ({ project: project.name, env: id })),
  );
}
