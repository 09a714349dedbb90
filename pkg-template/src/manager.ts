// The pool, as JavaScript calls it. What it decides is decided in the engine.

import { type Core, statusName } from './core.js';
import { clampCode, EnvSocket, type OwnedSink, Plan } from './envsocket.js';
import { newCore, pageCore } from './registry.js';
import type { ConnectionOptions, ConnectionStatus, ManagerOptions, ManagerSnapshot, Token } from './types.js';
import type { WebSocketManager as Contract } from './types.js';

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
    this.#engine.configure(options);
  }

  getConnection(
    projectName: string,
    envId: string,
    token?: Token | null,
    options?: ConnectionOptions,
  ): EnvSocket {
    const core = this.#claim();
    const sink = core.engine.find(projectName, envId, token, options) as OwnedSink | undefined;
    if (sink) {
      Object.assign(sink.plan.options, options);
      return sink.socket;
    }
    return new EnvSocket(
      new Plan(core, projectName, envId, options, (sink, own) => {
        if (core.engine.peek(projectName, envId)) {
          throw new DOMException(
            'reconnect: the pair has another connection by now; getConnection returns it',
            'InvalidStateError',
          );
        }
        core.engine.connect(sink, projectName, envId, own);
      }),
    );
  }

  setActiveConnection(projectName: string, envId: string): void {
    this.#engine.setActive(projectName, envId);
  }

  getActiveConnection() {
    return this.getSnapshot().active;
  }

  isConnectionActive(projectName: string, envId: string): boolean {
    return this.#engine.isActive(projectName, envId);
  }

  getConnectionStatus(projectName: string, envId: string): ConnectionStatus {
    return statusName(this.#engine.pairStatus(projectName, envId));
  }

  closeConnection(projectName: string, envId: string, code?: number, reason?: string): void {
    this.#engine.closePair(projectName, envId, clampCode(code), reason === undefined ? '' : String(reason));
  }

  closeProject(projectName: string): void {
    this.#engine.closeProject(projectName);
  }

  closeAll(): void {
    this.#engine.closeAll();
  }

  reconnect(projectName: string, envId: string): void {
    this.#engine.reconnectPair(projectName, envId);
  }

  pollStatus(callback: (snapshot: ManagerSnapshot) => void, intervalMs?: number): () => void {
    checkCallback(callback);
    const core = this.#claim();
    const id = core.engine.poll(() => callback(core.snapshot), intervalMs);
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

  /** The pair's connection, if it has one; makes none. @internal */
  peek(projectName: string, envId: string): EnvSocket | null {
    const sink = this.#engine.peek(projectName, envId) as OwnedSink | undefined;
    return sink ? sink.socket : null;
  }
}

function checkCallback(callback: unknown): void {
  if (typeof callback !== 'function') throw new TypeError('callback must be a function');
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
