// A connection that speaks `envsocket.v1` through the proxy, on the page `plain`, and all that it is told.

import { expect, type JSHandle, type Page } from '@playwright/test';
import type { EnvSocket } from 'envsocket';
import { test as base } from './test';
import type { Pages } from './pages';
import type { Proxy } from './proxy';
import { Rig } from './rig';
import type { Pair } from './server';

export { expect };

interface Fixtures {
  readonly rig: Rig;
  /** Before the server of all tests. */
  readonly proxied: Proxy;
}

export const test = base.extend<Fixtures>({
  rig: async ({ page }, use) => {
    const rig = await Rig.start();
    await use(rig);
    // Or the page would complain that its link is refused.
    await page.goto('about:blank');
    await rig.close();
  },

  proxied: async ({ rig }, use) => use(await rig.proxy()),
});

/** Runs in the page. */
export interface Wired {
  readonly connection: EnvSocket;
  /** All output, in its order, as long as nobody else takes it. */
  text: string;
  /** Takes the next output. */
  take: (output: Uint8Array<ArrayBuffer>) => void;
  /** Its events that are no messages, and its statuses. */
  readonly told: string[];
}

/** A shell at the other end of a proxy. */
export class Wire {
  private constructor(readonly wired: JSHandle<Wired>) {}

  /** Begins to connect. */
  static async open(page: Page, pages: Pages, proxy: Proxy, { project, env }: Pair): Promise<Wire> {
    await pages.open(page, 'plain');
    const wired = await page.evaluateHandle(
      ([url, project, env]) => {
        const connection = window.bare.WebSocketManager.getConnection(project, env, null, {
          url,
          protocol: 'require',
          backoff: { baseMs: 20, capMs: 200 },
        });
        connection.binaryType = 'arraybuffer';
        const decoder = new TextDecoder();
        const take = (output: Uint8Array) => void (wired.text += decoder.decode(output, { stream: true }));
        const wired: Wired = { connection, text: '', take, told: [] };
        // A terminal's output is binary.
        connection.addEventListener('message', ({ data }: MessageEvent<ArrayBuffer>) =>
          wired.take(new Uint8Array(data)),
        );
        connection.addEventListener('statuschange', ({ detail }) => wired.told.push(detail.status));
        connection.addEventListener('open', () => wired.told.push('open'));
        connection.addEventListener('gap', ({ detail: { direction, reason } }) =>
          wired.told.push(`gap ${direction}: ${reason}`),
        );
        connection.addEventListener('discarded', ({ detail: { messages, bytes, reason } }) =>
          wired.told.push(`discarded ${messages} of ${bytes} bytes: ${reason}`),
        );
        return wired;
      },
      [proxy.socketUrl, project, env] as const,
    );
    return new Wire(wired);
  }

  /**
   * Waits until the shell runs what it reads, line by line and silently: no prompt, no echo, and none of the
   * sequences with which an interactive shell edits its line. What it has said by then is forgotten.
   */
  async settle(): Promise<void> {
    await this.send('stty -echo; echo rea""dy; while read -r line; do eval "$line"; done\n');
    const hasSaid = () => this.wired.evaluate(({ text }) => text.includes('ready\r\n'));
    await expect.poll(hasSaid, { message: 'the shell is ready' }).toBe(true);
    await this.wired.evaluate((wired) => void (wired.text = ''));
  }

  async send(text: string): Promise<void> {
    await this.wired.evaluate(({ connection }, text) => connection.send(text), text);
  }

  /** Types the numbers from 1, one a line, about fifty a second, until `stopTyping`. */
  async startTyping(): Promise<void> {
    await this.wired.evaluate(({ connection }) => {
      let typed = 0;
      const typing = setInterval(() => connection.send(`${(typed += 1)}\n`), 20);
      window.stopTyping = () => {
        clearInterval(typing);
        return typed;
      };
    });
  }

  /** How many were typed. */
  stopTyping(): Promise<number> {
    return this.wired.evaluate(() => window.stopTyping());
  }

  /** What was told besides messages, in its order. */
  told(): Promise<readonly string[]> {
    return this.wired.evaluate(({ told }) => told);
  }

  async expectTold(what: string): Promise<void> {
    await expect.poll(() => this.told()).toContain(what);
  }

  /** Waits for output that is this and nothing else, and forgets it. */
  async hear(output: string): Promise<void> {
    await expect.poll(() => this.wired.evaluate(({ text }) => text)).toBe(output);
    await this.wired.evaluate((wired) => void (wired.text = ''));
  }

  /** The output's lines so far; the last one may be there in part. */
  async lines(): Promise<string[]> {
    return (await this.wired.evaluate(({ text }) => text)).split('\r\n');
  }

  /** The numbers of the lines that begin with this word. */
  async numbers(word: string): Promise<number[]> {
    const lines = (await this.lines()).slice(0, -1).filter((line) => line.startsWith(`${word} `));
    return lines.map((line) => Number(line.slice(word.length + 1)));
  }

  async expectLine(line: string): Promise<void> {
    await expect.poll(() => this.lines(), { message: `a line "${line}"` }).toContain(line);
  }

  /** Waits until there is one more line with this word than there were `before`, or more. */
  async expectMore(word: string, before: number): Promise<void> {
    const count = async () => (await this.numbers(word)).length;
    await expect.poll(count, { message: `more than ${before} of "${word}"` }).toBeGreaterThan(before);
  }

  /** How often it came back to the same session. */
  resumed(): Promise<number> {
    return this.wired.evaluate(() => window.bare.WebSocketManager.getMetrics().resumed);
  }

  /**
   * Has the page hear that its network is back, which is a reason to ask whether the link is alive, until it has
   * noticed that it is not. Anything that still comes over the link is an answer, so that it may take two times.
   */
  async notice(): Promise<void> {
    const ask = async () => {
      await this.wired.evaluate(() => void window.dispatchEvent(new Event('online')));
      return this.told();
    };
    await expect.poll(ask, { intervals: [PROBED_MS] }).toContain('reconnecting');
  }
}

/** A probe takes 3 s. */
const PROBED_MS = 3_500;

declare global {
  interface Window {
    stopTyping: () => number;
  }
}

/** 1, 2, …, `count`. */
export function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}
