// The fault-injecting proxy between a page's WebSockets and the server: `tests/faults`, commanded line by line.

import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { programPath } from './settings';

/** What it has seen so far; bytes over all links. */
export interface Tally {
  readonly begun: number;
  readonly open: number;
  readonly cut: number;
  readonly up: number;
  readonly down: number;
}

export type Way = 'up' | 'down';

/** Without a word of the protocol above: as a crash does it, or as an orderly end of TCP. */
export type Manner = 'reset' | 'finish';

/** A link's end, known before it begins: when exactly so many bytes have gone that way. */
export interface Cut {
  readonly way: Way;
  readonly after: number;
  readonly manner: Manner;
}

export class Proxy {
  readonly #process: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string>;
  readonly #ended: Promise<unknown>;
  #address = '';

  private constructor(target: string) {
    this.#process = spawn(programPath('ENVSOCKET_FAULT_PROXY'), [target], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#lines = createInterface(this.#process.stdout)[Symbol.asyncIterator]();
    this.#ended = once(this.#process, 'exit');
  }

  /** Passes everything on to this host and port. */
  static async start(target: string): Promise<Proxy> {
    const proxy = new Proxy(target);
    proxy.#address = await proxy.#line();
    return proxy;
  }

  /** Where the WebSockets of all environments are, as a template. */
  get socketUrl(): string {
    return `ws://${this.#address}/ws/{project}/{env}`;
  }

  /** Sends links to come elsewhere. */
  async retarget(host: string): Promise<void> {
    await this.#tell(`target ${host}`);
  }

  /** Cuts every link. */
  async cut(manner: Manner): Promise<void> {
    await this.#tell(`cut ${manner}`);
  }

  /** Plans the end of a link to come: the first plan is for the next one, the second for the one after. */
  async plan({ way, after, manner }: Cut): Promise<void> {
    await this.#tell(`plan ${way} ${after} ${manner}`);
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

  /** What it has seen once no link is open. */
  idle(): Promise<Tally> {
    return this.#tell('idle');
  }

  async close(): Promise<void> {
    this.#process.stdin.end();
    await this.#ended;
  }

  /** One at a time: answers come in the order of the commands. */
  async #tell(command: string): Promise<Tally> {
    this.#process.stdin.write(`${command}\n`);
    const answer = JSON.parse(await this.#line()) as Tally & { readonly error?: string };
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer;
  }

  async #line(): Promise<string> {
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error('the proxy has ended');
    return value;
  }
}
