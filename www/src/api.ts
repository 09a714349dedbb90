// The server's HTTP side, one function a request, each in the name of whoever this page is. Retries nothing and
// knows no React: what a failure means is for the caller to say.

import { apiToken, dropApiToken } from './access';
import { ApiError, ask } from './http';
import type { Pair } from './pair';

export interface Environment {
  readonly id: string;
  /** Whether its shell runs, connected or not. */
  readonly running: boolean;
}

export interface Project {
  readonly name: string;
  readonly environments: readonly Environment[];
}

export async function listProjects(): Promise<readonly Project[]> {
  const response = await request('GET', '/api/projects');
  const body = (await response.json()) as { projects: readonly Project[] };
  return body.projects;
}

/** Creates the project as well when it is new. Refused with 409 when the pair exists. */
export async function createEnvironment(pair: Pair): Promise<void> {
  await request('POST', `/api/projects/${encodeURIComponent(pair.project)}/environments`, { id: pair.env });
}

/** Ends the environment's shell. One that is gone already counts as deleted. */
export async function deleteEnvironment(pair: Pair): Promise<void> {
  try {
    await request('DELETE', pathOf(pair));
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 404)) throw error;
  }
}

/** A code with which others may watch the environment for a day, and not type. */
export async function createViewer({ project, env }: Pair): Promise<string> {
  const response = await request('POST', '/api/demo/viewers', { project, env });
  return ((await response.json()) as { viewer: string }).viewer;
}

/** Cuts every WebSocket without a goodbye. 404 without `--faults`. */
export async function dropConnections(): Promise<void> {
  await request('POST', '/faults/drop');
}

/** Has new WebSockets refused for so many ms. 404 without `--faults`. */
export async function refuseConnections(ms: number): Promise<void> {
  await request('POST', `/faults/refuse?ms=${ms}`);
}

function pathOf({ project, env }: Pair): string {
  return `/api/projects/${encodeURIComponent(project)}/environments/${encodeURIComponent(env)}`;
}

async function request(method: string, path: string, body?: unknown): Promise<Response> {
  try {
    return await ask(method, path, { body, token: await apiToken() });
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 401)) throw error;
    // The server was started anew, and knows none of its old tokens.
    dropApiToken();
    return ask(method, path, { body, token: await apiToken() });
  }
}
