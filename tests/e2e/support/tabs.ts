// A browser whose tabs are hidden behind each other, with their timers throttled, as people's are: Playwright has
// every page believe that it is looked at. It speaks to the browser by itself, and as little as possible.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { WebSocket } from 'ws';
import { LAUNCH } from './browser';

/** What the browser says once it listens, around its address. */
const LISTENING = /^DevTools listening on (ws:\S+)$/;

interface Answer {
  readonly id?: number;
  readonly error?: { readonly message: string };
  readonly result?: unknown;
}

/** One tab. */
export class Tab {
  constructor(
    readonly tabs: Tabs,
    readonly id: string,
    readonly session: string,
  ) {}

  /** What the expression is, or will be, in the page. */
  async evaluate<T>(expression: string): Promise<T> {
    const parameters = { expression, awaitPromise: true, returnByValue: true };
    const { result, exceptionDetails } = await this.tabs.tell<{
      readonly result: { readonly value: T };
      readonly exceptionDetails?: { readonly exception: { readonly description: string } };
    }>('Runtime.evaluate', parameters, this.session);
    if (exceptionDetails) throw new Error(exceptionDetails.exception.description);
    return result.value;
  }

  /** Comes before the others. */
  async show(): Promise<void> {
    await this.tabs.tell('Target.activateTarget', { targetId: this.id });
  }
}

export class Tabs {
  readonly #process: ChildProcess;
  readonly #folder: string;
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #asked = 0;

  private constructor(process: ChildProcess, folder: string, socket: WebSocket) {
    this.#process = process;
    this.#folder = folder;
    this.#socket = socket;
    socket.on('message', (data: Buffer) => {
      const answer = JSON.parse(data.toString()) as Answer;
      if (answer.id !== undefined) this.#waiting.get(answer.id)?.(answer);
    });
  }

  static async start(): Promise<Tabs> {
    const folder = await mkdtemp(join(tmpdir(), 'envsocket-tabs-'));
    const own = ['--headless=new', '--remote-debugging-port=0', `--user-data-dir=${folder}`];
    const process = spawn(LAUNCH.executablePath!, [...LAUNCH.args!, ...own], { stdio: ['ignore', 'ignore', 'pipe'] });
    for await (const line of createInterface(process.stderr!)) {
      const address = LISTENING.exec(line)?.[1];
      if (address === undefined) continue;
      process.stderr!.resume();
      const socket = new WebSocket(address);
      await once(socket, 'open');
      return new Tabs(process, folder, socket);
    }
    throw new Error('the browser ended before it listened');
  }

  /** A new tab, before the others. */
  async open(url: string): Promise<Tab> {
    const { targetId } = await this.tell<{ readonly targetId: string }>('Target.createTarget', { url });
    const parameters = { targetId, flatten: true };
    const { sessionId } = await this.tell<{ readonly sessionId: string }>('Target.attachToTarget', parameters);
    return new Tab(this, targetId, sessionId);
  }

  /** One of the browser's commands, for a session of its own or none. */
  tell<T>(method: string, params: object, sessionId?: string): Promise<T> {
    const id = (this.#asked += 1);
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, ({ error, result }) => {
        this.#waiting.delete(id);
        if (error) reject(new Error(`${method}: ${error.message}`));
        else resolve(result as T);
      });
      this.#socket.send(JSON.stringify({ id, method, params, sessionId }));
    });
  }

  async close(): Promise<void> {
    const ended = once(this.#process, 'exit');
    await this.tell('Browser.close', {});
    await ended;
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
