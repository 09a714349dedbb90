// What stands between a page and its shells in a test of faults: proxies, and servers of the test's own.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OwnServer } from './own-server';
import { Proxy } from './proxy';
import { serverUrl } from './settings';

/** Ends all that it has started. */
export class Rig {
  readonly #started: { close(): Promise<void> }[] = [];
  #files = 0;

  private constructor(readonly folder: string) {}

  static async start(): Promise<Rig> {
    return new Rig(await mkdtemp(join(tmpdir(), 'envsocket-e2e-')));
  }

  /** A proxy before the server of all tests, or before another one. */
  async proxy(host = new URL(serverUrl()).host): Promise<Proxy> {
    return this.#closing(await Proxy.start(host));
  }

  /** A server whose environments run these calls of fault-program, with more arguments. */
  async server(calls: readonly (readonly string[])[], args: readonly string[] = []): Promise<OwnServer> {
    return this.#closing(await OwnServer.start(this.file(), calls, args));
  }

  /** The path of a file that is not there yet. */
  file(): string {
    this.#files += 1;
    return join(this.folder, String(this.#files));
  }

  async close(): Promise<void> {
    await Promise.all(this.#started.map((started) => started.close()));
    await rm(this.folder, { recursive: true });
  }

  #closing<T extends { close(): Promise<void> }>(started: T): T {
    this.#started.push(started);
    return started;
  }
}
