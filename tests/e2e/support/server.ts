// The server, as a test speaks to it behind the page's back. Every environment made here has a name that no
// other test has, and is deleted when the test is over.

import { expect, type APIRequestContext } from '@playwright/test';
import { serverUrl } from './settings';

/** A project's name and the id of one of its environments. */
export interface Pair {
  readonly project: string;
  readonly env: string;
}

interface ProjectList {
  readonly projects: readonly {
    readonly name: string;
    readonly environments: readonly { readonly id: string }[];
  }[];
}

/** Longer than any test lasts, so that it is the test that decides when the link is back. */
const TEST_TIMEOUT_MS = 60_000;

export class Server {
  readonly #request: APIRequestContext;
  readonly #created: Pair[] = [];
  #links: 'whole' | 'disturbed' = 'whole';

  constructor(request: APIRequestContext) {
    this.#request = request;
  }

  /** Where the WebSockets of all environments are, as a template. For pages that are not the server's own. */
  socketUrl(): string {
    return `${serverUrl().replace(/^http/, 'ws')}/ws/{project}/{env}`;
  }

  /** A pair that the server does not have. Should the test make it, it is deleted afterwards. */
  reserve(suffix = ''): Pair {
    const pair = { project: `e2e${suffix}`, env: `${crypto.randomUUID().slice(0, 13)}${suffix}` };
    this.#created.push(pair);
    return pair;
  }

  async create(): Promise<Pair> {
    const pair = this.reserve();
    const path = `/api/projects/${encodeURIComponent(pair.project)}/environments`;
    const response = await this.#request.post(path, { data: { id: pair.env } });
    expect(response.status(), 'status of creating an environment').toBe(201);
    return pair;
  }

  /** False when there was none to delete. */
  async delete(pair: Pair): Promise<boolean> {
    const [project, env] = [pair.project, pair.env].map(encodeURIComponent);
    const path = `/api/projects/${project}/environments/${env}`;
    const response = await this.#request.delete(path);
    expect([204, 404], 'status of deleting an environment').toContain(response.status());
    return response.status() === 204;
  }

  async has(pair: Pair): Promise<boolean> {
    const response = await this.#request.get('/api/projects');
    const { projects } = (await response.json()) as ProjectList;
    const project = projects.find(({ name }) => name === pair.project);
    return project?.environments.some(({ id }) => id === pair.env) ?? false;
  }

  /** Cuts every WebSocket without a goodbye; new ones are welcome. Returns how many there were. */
  async dropLinks(): Promise<number> {
    const { cut } = (await this.#fault('drop')) as { cut: number };
    return cut;
  }

  /** Cuts every WebSocket without a goodbye and refuses new ones, until they are mended. */
  async cutLinks(): Promise<void> {
    this.#links = 'disturbed';
    await this.#fault(`refuse?ms=${TEST_TIMEOUT_MS}`);
    await this.dropLinks();
  }

  /** Lets nothing through any WebSocket and closes none, until they are mended. */
  async holdLinks(): Promise<void> {
    this.#links = 'disturbed';
    await this.#fault(`blackhole?ms=${TEST_TIMEOUT_MS}`);
  }

  /** Refuses and holds no more. The page has still to try. */
  async mendLinks(): Promise<void> {
    await this.#fault('refuse?ms=0');
    await this.#fault('blackhole?ms=0');
    this.#links = 'whole';
  }

  /** Leaves nothing behind for the next test. */
  async cleanUp(): Promise<void> {
    if (this.#links === 'disturbed') await this.mendLinks();
    for (const pair of this.#created) await this.delete(pair);
  }

  async #fault(fault: string): Promise<unknown> {
    const response = await this.#request.post(`/faults/${fault}`);
    expect(response.ok(), `${fault}: ${response.status()}; does the server run with --faults?`).toBe(true);
    return response.status() === 204 ? null : response.json();
  }
}
