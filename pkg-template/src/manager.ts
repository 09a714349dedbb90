// The pool, as JavaScript calls it. What it decides is decided in the engine.

import type { Core } from './core.js';
import { measure } from './debug.js';
import { checkClose, closeArguments, EnvSocket } from './envsocket.js';
import { typeError } from './errors.js';
import { type Link, Plan } from './link.js';
import { managerMetrics } from './metrics.js';
import { bounded, merge, noSettings, read } from './options.js';
import { newCore, pageCore } from './registry.js';
import { statusName } from './status.js';
import { isWellFormed } from './text.js';
import type {
  ConnectionOptions,
  ConnectionStatus,
  LogEntry,
  ManagerMetrics,
  ManagerOptions,
  ManagerSnapshot,
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
    const core = this.#claim();
    if (typeof settings.url === 'string') {
      // Any names do: what is wrong with a template is wrong for all of them.
      new Plan(core, ['project', 'env'], noSettings()).place(settings.url);
    }
    merge(core.settings, settings);
    core.engine.configure(settings.numbers);
  }

  getConnection(
    projectName: string,
    envId: string,
    token?: Token | null,
    options?: ConnectionOptions,
  ): EnvSocket {
    checkPair(projectName, envId);
    // Plain servers are sent no token; a wrong one is still the caller's mistake.
    if (token != null && typeof token !== 'string') throw typeError('token', 'must be a string');
    const settings = read(options);
    const core = this.#claim();
    const link = core.engine.find(projectName, envId) as Link | undefined;
    if (!link) return new EnvSocket(new Plan(core, [projectName, envId], settings));
    if (typeof settings.url === 'string') link.plan.place(settings.url);
    if (options != null) link.configure(settings);
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
    checkPair(projectName, envId);
    return this.#engine.isActive(projectName, envId);
  }

  getConnectionStatus(projectName: string, envId: string): ConnectionStatus {
    checkPair(projectName, envId);
    return statusName(this.#engine.pairStatus(projectName, envId));
  }

  closeConnection(projectName: string, envId: string, code?: number, reason?: string): void {
    checkPair(projectName, envId);
    checkClose(this.#engine.closePair(projectName, envId, ...closeArguments(code, reason)));
  }

  closeProject(projectName: string): void {
    checkName(projectName, 'projectName');
    this.#engine.closeProject(projectName);
  }

  closeAll(): void {
    this.#engine.closeAll();
  }

  reconnect(projectName: string, envId: string): void {
    checkPair(projectName, envId);
    this.#engine.reconnectPair(projectName, envId);
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

  getMetrics(): ManagerMetrics {
    return managerMetrics(this.#claim());
  }

  getConnectionLog(projectName: string, envId: string): readonly LogEntry[] {
    checkPair(projectName, envId);
    const entries = this.#engine.log(projectName, envId) as [number, string, string, string][];
    return entries.map(([at, from, to, because]) => ({ at, from, to, because }));
  }

  debugResources(): Resources {
    const [sockets, timers, closures, listeners, retainedBytes] = this.#engine.resources();
    return { sockets, timers, closures, listeners, retainedBytes } as Resources;
  }

  /** The pair's connection, if it has one; makes none. @internal */
  peek(projectName: string, envId: string): EnvSocket | null {
    checkPair(projectName, envId);
    return (this.#engine.find(projectName, envId) as Link | undefined)?.socket ?? null;
  }
}

function checkPair(projectName: unknown, envId: unknown): void {
  checkName(projectName, 'projectName');
  checkName(envId, 'envId');
}

/** Text as it is: what only resembles text in Unicode would become another name. */
function checkName(name: unknown, argument: string): void {
  if (typeof name !== 'string') throw typeError(argument, 'must be a string');
  if (!isWellFormed(name)) throw typeError(argument, 'must not contain half a surrogate pair');
}

function checkCallback(callback: unknown): void {
  if (typeof callback !== 'function') throw typeError('callback', 'must be a function');
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
