// The pool, as JavaScript calls it. What it decides is decided in the engine.

import { checkClose, closeArguments } from './closing.js';
import type { Core } from './core.js';
import { measure } from './debug.js';
import { EnvSocket } from './envsocket.js';
import { typeError } from './errors.js';
import { managerMetrics } from './metrics.js';
import { bounded, checkToken, merge, noSettings, read, readToken } from './options.js';
import { byteLength, copied, toMessage } from './payload.js';
import { type Pair, Plan } from './plan.js';
import { newCore, pageCore } from './registry.js';
import { statusName } from './status.js';
import { isWellFormed } from './text.js';
import type {
  ConnectionOptions,
  ConnectionSnapshot,
  ConnectionStatus,
  LogEntry,
  ManagerMetrics,
  ManagerOptions,
  ManagerSnapshot,
  Payload,
  Resources,
  Token,
  WebSocketManager as Contract,
} from './types.js';

/** A pool over a core that is claimed when it is first needed, so that making a manager does nothing. */
class Manager implements Contract {
  readonly #claim: () => Core;

  constructor(claim: () => Core) {
    this.#claim = claim;
  }

  get #engine() {
    return this.#claim().engine;
  }

  configure(options: ManagerOptions): void {
    const settings = read(options);
    const token = readToken(options);
    const core = this.#claim();
    if (typeof settings.url === 'string') {
      // Any names do: what is wrong with a template is wrong for all of them.
      new Plan(core, ['project', 'env'], noSettings()).place(settings.url);
    }
    merge(core.settings, settings);
    core.engine.configure(settings.numbers);
    core.tokens.share(token);
    core.applyTokens();
  }

  getConnection(
    projectName: string,
    envId: string,
    token?: Token | null,
    options?: ConnectionOptions,
  ): EnvSocket {
    const pair = checkPair(projectName, envId);
    const given = token == null ? undefined : checkToken(token, 'token');
    const settings = read(options);
    const source = given ?? readToken(options);
    const core = this.#claim();
    const link = core.find(pair);
    if (!link) {
      const plan = new Plan(core, pair, settings);
      core.tokens.give(plan, source);
      return new EnvSocket(plan);
    }
    if (typeof settings.url === 'string') link.plan.place(settings.url);
    if (options != null) link.configure(settings);
    if (source !== undefined) link.credentials.replace(source);
    return link.socket;
  }

  setActiveConnection(projectName: string, envId: string): void {
    checkPair(projectName, envId);
    const start = performance.now();
    const core = this.#claim();
    core.engine.setActive(projectName, envId);
    measure(core, `envsocket switch ${projectName}-${envId}`, start);
  }

  getActiveConnection() {
    return this.getSnapshot().active;
  }

  isConnectionActive(projectName: string, envId: string): boolean {
    return this.#engine.isActive(this.#listed(projectName, envId));
  }

  getConnectionStatus(projectName: string, envId: string): ConnectionStatus {
    const status = this.#engine.status(this.#listed(projectName, envId));
    return status === undefined ? 'disconnected' : statusName(status);
  }

  closeConnection(projectName: string, envId: string, code?: number, reason?: string): void {
    const id = this.#listed(projectName, envId);
    checkClose(this.#engine.close(id, ...closeArguments(code, reason)));
  }

  closeProject(projectName: string): void {
    checkName(projectName, 'projectName');
    this.#engine.closeProject(projectName);
  }

  closeAll(): void {
    this.#engine.closeAll();
  }

  reconnect(projectName: string, envId: string): void {
    this.#engine.reconnect(this.#listed(projectName, envId));
  }

  pollStatus(callback: (snapshot: ManagerSnapshot) => void, intervalMs?: number): () => void {
    checkCallback(callback);
    const every = intervalMs === undefined ? NaN : bounded(intervalMs, 'intervalMs', 1);
    const core = this.#claim();
    const id = core.engine.poll(() => callback(core.snapshot), every);
    return () => core.engine.stopPoll(id);
  }

  // React passes these two around without their object.
  readonly subscribe = (callback: () => void): (() => void) => {
    checkCallback(callback);
    const { engine } = this.#claim();
    const id = engine.subscribe(() => callback());
    return () => engine.unsubscribe(id);
  };

  readonly getSnapshot = (): ManagerSnapshot => this.#claim().snapshot;

  broadcast(data: Payload, filter?: (connection: ConnectionSnapshot) => boolean): number {
    if (arguments.length === 0) throw typeError('data', 'must be given');
    if (filter !== undefined) checkCallback(filter, 'filter');
    // Filters, and listeners of what is discarded, may change the caller's bytes.
    const message = copied(toMessage(data));
    const bytes = byteLength(message);
    const core = this.#claim();
    const open = [...core.rows].filter(({ snapshot }) => snapshot.status === 'connected');
    // All are chosen before anything is sent: what a filter throws leaves nothing half done.
    const chosen = filter ? open.filter(({ snapshot }) => filter(snapshot)) : open;
    return chosen.filter(({ id }) => core.linkOf(id)?.sender.send(message, bytes) === 0).length;
  }

  getMetrics(): ManagerMetrics {
    return managerMetrics(this.#claim());
  }

  getConnectionLog(projectName: string, envId: string): readonly LogEntry[] {
    const entries = this.#engine.log(...checkPair(projectName, envId)) as [number, string, string, string][];
    return entries.map(([at, from, to, because]) => ({ at, from, to, because }));
  }

  signOut(): void {
    const core = this.#claim();
    // First: whoever hears of the end may sign in again.
    core.tokens.forget();
    core.applyTokens();
    core.engine.closeAll();
  }

  debugResources(): Resources {
    const core = this.#claim();
    const [sockets, timers, closures, callbacks, retainedBytes] = core.engine.resources() as Held;
    const listeners = core.page.listeners + core.listeners + callbacks;
    return { sockets, timers, closures, listeners, retainedBytes };
  }

  /** The pair's connection, if it has one; makes none. @internal */
  peek(projectName: string, envId: string): EnvSocket | null {
    return this.#claim().find(checkPair(projectName, envId))?.socket ?? null;
  }

  #listed(projectName: string, envId: string): number {
    return this.#claim().listed(checkPair(projectName, envId));
  }
}

/** What the engine holds. */
type Held = [sockets: number, timers: number, closures: number, callbacks: number, retainedBytes: number];

function checkPair(projectName: string, envId: string): Pair {
  checkName(projectName, 'projectName');
  checkName(envId, 'envId');
  return [projectName, envId];
}

/** Text as it is: what only resembles text in Unicode would become another name. */
function checkName(name: unknown, argument: string): void {
  if (typeof name !== 'string') throw typeError(argument, 'must be a string');
  if (!isWellFormed(name)) throw typeError(argument, 'must not contain half a surrogate pair');
}

function checkCallback(callback: unknown, argument = 'callback'): void {
  if (typeof callback !== 'function') throw typeError(argument, 'must be a function');
}

/** The page's manager, for hooks, which need to look without making. @internal */
export const pageManager = /* @__PURE__ */ new Manager(pageCore);

/** All connections of a page, and which of them is active. */
export interface WebSocketManager extends Contract {}

/** The page's manager: one a page, however often this module is loaded. */
export const WebSocketManager: WebSocketManager = pageManager;

/** A manager of its own, for tests and for pages with several back ends. */
export function createWebSocketManager(options?: ManagerOptions): WebSocketManager {
  let core: Core | null = null;
  const manager = new Manager(() => (core ??= newCore()));
  if (options !== undefined) manager.configure(options);
  return manager;
}
