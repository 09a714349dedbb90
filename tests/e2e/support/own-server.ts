// A server of a test's own, with programs of `tests/faults` in place of shells. It can be killed.

import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { Pair } from './server';
import { programPath } from './settings';

/** The most that one server may have. */
export const MOST_ENVIRONMENTS = 256;

/** What a server says once it listens, around its address. */
const LISTENING = /^listening on http:\/\/(.*)\/$/;

export class OwnServer {
  readonly #process: ChildProcessByStdio<Writable, Readable, null>;
  readonly #ended: Promise<unknown>;

  private constructor(
    process: ChildProcessByStdio<Writable, Readable, null>,
    /** Its host and port. */
    readonly host: string,
  ) {
    this.#process = process;
    this.#ended = once(process, 'exit');
  }

  /**
   * Starts one whose environments run these calls of fault-program, with more arguments; its file is written to
   * `config`.
   */
  static async start(
    config: string,
    calls: readonly (readonly string[])[],
    args: readonly string[] = [],
  ): Promise<OwnServer> {
    await writeFile(config, layout(calls));
    // Its log would be full of links that a test cut. Whose parent ends, by whatever, ends with it.
    const process = spawn(
      programPath('ENVSOCKET_SERVER'),
      [
        '--listen',
        '127.0.0.1:0',
        '--config',
        config,
        '--allow-origin',
        'http://127.0.0.1:*',
        '--exit-with-stdin',
        ...args,
      ],
      { stdio: ['pipe', 'pipe', 'inherit'], env: plain(dirname(config)) },
    );
    const { value, done } = await createInterface(process.stdout)[Symbol.asyncIterator]().next();
    const [, host] = LISTENING.exec(done === true ? '' : value) ?? [];
    if (host === undefined)
      throw new Error(`the server does not say where it listens: ${value ?? 'it has ended'}`);
    return new OwnServer(process, host);
  }

  /** The environment of the call with this index. */
  static pair(index: number): Pair {
    // So many digits that every environment's URL is as long as any other's.
    return { project: 'p', env: String(index).padStart(3, '0') };
  }

  /** What it has of the machine's memory, in bytes. */
  async memory(): Promise<number> {
    const status = await readFile(`/proc/${this.#process.pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
  }

  /** SIGKILL: without a word to anybody. */
  async kill(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.#ended;
  }

  async close(): Promise<void> {
    this.#process.stdin.end();
    await this.#ended;
  }
}

/** The environment of a server whose shells are nobody's own: what start-up files do must not decide over a test. */
function plain(home: string): NodeJS.ProcessEnv {
  const { ENV: _, BASH_ENV: __, ...inherited } = process.env;
  return { ...inherited, HOME: home, SHELL: '/bin/sh', RUST_LOG: 'error' };
}

/** As TOML, whose strings and lists are written as JSON's are. */
function layout(calls: readonly (readonly string[])[]): string {
  const program = programPath('ENVSOCKET_FAULT_PROGRAM');
  const environments = calls.map(
    (call, index) =>
      `[[project.environment]]\nid = ${JSON.stringify(OwnServer.pair(index).env)}\n` +
      `command = ${JSON.stringify([program, ...call])}\n`,
  );
  return `[[project]]\nname = ${JSON.stringify(OwnServer.pair(0).project)}\n${environments.join('')}`;
}
