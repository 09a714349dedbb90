// One request to the server and its answer, or why there is none. Keeps nothing, retries nothing, and knows
// nobody's token: what is sent is for the caller to say.

/** A request that was refused (`status` is HTTP's) or never answered (`status` is null). */
export class ApiError extends Error {
  readonly status: number | null;

  constructor(message: string, status: number | null) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
  }
}

export interface Sent {
  /** Becomes JSON. */
  readonly body?: unknown;
  /** Who asks; null for nobody. */
  readonly token?: string | null;
}

/** Ms. A local server answers in a few; past this it hangs, and saying so beats waiting. */
const TIMEOUT_MS = 10_000;

/** @throws ApiError */
export async function ask(method: string, path: string, { body, token = null }: Sent = {}): Promise<Response> {
  const headers = new Headers();
  if (token !== null) headers.set('authorization', `Bearer ${token}`);
  const init: RequestInit = { method, headers, signal: AbortSignal.timeout(TIMEOUT_MS) };
  if (body !== undefined) {
    headers.set('content-type', 'application/json');
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

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** A proxy in between may answer with anything, so the server's JSON is hoped for, not relied on. */
async function refusal(response: Response): Promise<string> {
  const body: unknown = await response.json().catch(() => null);
  if (typeof body === 'object' && body !== null && 'error' in body && typeof body.error === 'string') {
    return body.error;
  }
  return `the server answered ${response.status}`;
}
