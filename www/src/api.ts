// The server's HTTP side, one function a request. Keeps nothing, retries nothing and knows no React: what a
// failure means is for the caller to say.

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

/** A request that was refused (`status` is HTTP's) or never answered (`status` is null). */
export class ApiError extends Error {
  readonly status: number | null;

  constructor(message: string, status: number | null) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
  }
}

/** Ms. A local server answers in a few; past this it hangs, and saying so beats waiting. */
const TIMEOUT_MS = 10_000;

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

/** Cuts every WebSocket without a goodbye. 404 without `--faults`. */
export async function dropConnections(): Promise<void> {
  await request('POST', '/faults/drop');
}

/** Has new WebSockets refused for so many ms. 404 without `--faults`. */
export async function refuseConnections(ms: number): Promise<void> {
  await request('POST', `/faults/refuse?ms=${ms}`);
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function pathOf({ project, env }: Pair): string {
  return `/api/projects/${encodeURIComponent(project)}/environments/${encodeURIComponent(env)}`;
}

async function request(method: string, path: string, body?: unknown): Promise<Response> {
  const init: RequestInit = { method, signal: AbortSignal.timeout(TIMEOUT_MS) };
  if (body !== undefined) {
    init.headers = { 'content-type': 'application/json' };
    init.body = JSON.stringify(body);
  }
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch {
    throw new ApiError('the server does not answer', null);
  }
  if (!response.ok) throw new ApiError(await refusal(response), response.status);
  return response;
}

/** A proxy in between may answer with anything, so the server's JSON is hoped for, not relied on. */
async function refusal(response: Response): Promise<string> {
  const body: unknown = await response.json().catch(() => null);
  if (typeof body === 'object' && body !== null && 'error' in body && typeof body.error === 'string') {
    return body.error;
  }
  return `the server answered ${response.status}`;
}
