// One server of somebody else's, as a process: started, awaited, killed, and started again at the same port.
// Must not: outlive this process, or end one that it did not start.

import { spawn } from 'node:child_process';

/** The end of what it wrote: enough for the reason, not for the whole log. */
const LAST_WORDS = 4_000;

export class ForeignServer {
  #name;
  #command;
  #listening;
  #child = null;
  #ended = Promise.resolve();
  #words = '';
  #port = 0;

  /**
   * @param {string} name
   * @param {{ command: (port: number) => { program: string, args: string[], env?: Record<string, string> },
   *           listening: RegExp }} kind `listening` matches the line that says the port, in its first group.
   */
  constructor(name, { command, listening }) {
    this.#name = name;
    this.#command = command;
    this.#listening = listening;
    // Whatever ends this process, its servers end with it.
    process.once('exit', () => this.#signal('SIGKILL'));
  }

  /** Where it listens; the same for all its lives. */
  get port() {
    return this.#port;
  }

  /** The end of what it has written, over all its lives. */
  get lastWords() {
    return this.#words;
  }

  /** Resolves once it listens. Does nothing if it runs. */
  async start() {
    if (this.#child) return;
    const { program, args, env = {} } = this.#command(this.#port);
    // A group of its own, which ends with it.
    const child = spawn(program, args, {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    this.#child = child;
    this.#ended = new Promise((end) => {
      child.once('exit', (code, signal) => end(`ended with ${signal ?? `code ${code}`}`));
      child.once('error', (error) => end(`could not be started: ${error.message}`));
    });
    const listens = new Promise((resolve) => {
      let unread = '';
      const read = (text) => {
        this.#words = (this.#words + text).slice(-LAST_WORDS);
        const lines = (unread + text).split('\n');
        unread = lines.pop();
        const found = lines.map((line) => this.#listening.exec(line)).find((match) => match !== null);
        if (found) resolve(Number(found[1]));
      };
      // One that listens says so on one of the two.
      for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', read);
    });
    const failed = this.#ended.then((how) => {
      this.#child = null;
      return how;
    });
    const port = await Promise.race([listens, failed]);
    if (typeof port === 'string') throw new Error(`${this.#name} ${port}\n${this.#words}`);
    this.#port = port;
  }

  /** Ends it, with all that it started in its group. */
  async kill(signal) {
    this.#signal(signal);
    await this.#ended;
    this.#child = null;
  }

  #signal(signal) {
    if (this.#child?.pid === undefined) return;
    try {
      process.kill(-this.#child.pid, signal);
    } catch {
      // It has gone by itself.
    }
  }
}
