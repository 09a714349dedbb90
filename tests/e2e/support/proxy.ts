// The fault-injecting proxy between a page's WebSockets and the server: `tests/faults`, commanded line by line.

import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { expect } from '@playwright/test';
import { serverUrl } from './settings';

/** What it has seen so far; bytes over all links. */
export interface Tally {
  readonly begun: number;
  readonly open: number;
  readonly cut: number;
  readonly up: number;
  readonly down: number;
}

type Way = 'up' | 'down';

export class Proxy {
  readonly #process: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string>;
  #address = '';

  private constructor() {
    this.#process = spawn(program(), [new URL(serverUrl()).host], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#lines = createInterface(this.#process.stdout)[Symbol.asyncIterator]();
  }

  static async start(): Promise<Proxy> {
    const proxy = new Proxy();
    proxy.#address = await proxy.#line();
    return proxy;
  }

  /** Where the WebSockets of all environments are, as a template. */
  get socketUrl(): string {
    return `ws://${this.#address}/ws/{project}/{env}`;
  }

  /** Cuts every link, without a word of the protocol above. */
  async cut(how: 'reset' | 'finish'): Promise<void> {
    await this.#tell(`cut ${how}`);
  }

  /** Has the next link end when exactly so many bytes have gone that way. */
  async plan(way: Way, bytes: number, how: 'reset' | 'finish'): Promise<void> {
    await this.#tell(`plan ${way} ${bytes} ${how}`);
  }

  /** Lets nothing through the links that are open, and closes none; new ones are whole. */
  async holdOpen(way: Way | 'both'): Promise<void> {
    await this.#tell(`hold-open ${way}`);
  }

  /** Passes on what was held. */
  async release(): Promise<void> {
    await this.#tell('release');
  }

  tally(): Promise<Tally> {
    return this.#tell('tally');
  }

  async close(): Promise<void> {
    const ended = new Promise((end) => this.#process.once('exit', end));
    this.#process.stdin.end();
    await ended;
  }

  /** One at a time: answers come in the order of the commands. */
  async #tell(command: string): Promise<Tally> {
    this.#process.stdin.write(`${command}\n`);
    const answer = JSON.parse(await this.#line()) as Tally & { readonly error?: string };
    expect(answer.error, command).toBeUndefined();
    return answer;
  }

  async #line(): Promise<string> {
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error('the proxy has ended');
    return value;
  }
}

function program(): string {
  const path = process.env['ENVSOCKET_FAULT_PROXY'];
  if (path === undefined || path === '') {
    throw new Error(
      'ENVSOCKET_FAULT_PROXY is not set: this test needs the proxy of tests/faults. `cargo xtask test e2e` ' +
        'builds it; by hand, `cargo build --package envsocket-faults` and set it to the path of fault-proxy',
    );
  }
  return path;
}
