// Terminals of one shell, side by side on the page `plain`: one whose link is cut, one whose link never is,
// and those that come late. What they show is compared cell for cell.

import { expect, type JSHandle, type Page } from '@playwright/test';
import type { Screen } from '../pages/plain/screen';
import type { Pages } from './pages';
import type { Proxy } from './proxy';
import { test as base } from './resuming';
import type { Pair, Server } from './server';
import { serverUrl } from './settings';
import { REFUSED_WHILE_CUT } from './test';

export { expect };

/** Has a shell run what it reads, line by line and silently, and say that it is `ready`. */
export const SILENT = 'stty -echo; clear; echo rea""dy; while read -r line; do eval "$line"; done\n';

/** Prints more than the server keeps of a session. */
export const FLOOD = 'seq -f "%015.0f of many" 1 120000';

/** A port that nobody has: links that are begun are refused. */
export const NOBODY = '127.0.0.1:1';

/** What xterm.js says of a machine that is slow to lay out lines anew. */
const LATE = /^warning: task queue exceeded allotted deadline/;

/** Looking costs little, and much is waited for. */
const OFTEN = { intervals: [10, 20, 50, 100, 200] };

export const SIZE = { cols: 80, rows: 24 } as const;

/**
 * Shows what a terminal does not tell: what text looks like that is written next, where the saved cursor is,
 * which margins, stops and characters there are, and what the other buffer hides.
 */
const PROBE =
  '|here\x0eqqq\x0f\tstop\x1b8|saved\x1b[999;1H\n\n\n|scrolled\x1b[1;1H\x1bM|back' +
  '\x1b[?1049h|other\x1b[?1049l|left' +
  '\x1b[5;5H|origin\x1b(B\x1b)0\x0e|line drawing';

/** One terminal, held from outside. */
export class Shown {
  constructor(
    readonly screen: JSHandle<Screen>,
    readonly name: string,
  ) {}

  look(): ReturnType<Screen['look']> {
    return this.screen.evaluate((screen) => screen.look());
  }

  text(): Promise<string> {
    return this.screen.evaluate((screen) => screen.text());
  }

  async expectText(text: string): Promise<void> {
    await expect
      .poll(() => this.text(), { ...OFTEN, message: `"${text}" on the ${this.name} terminal` })
      .toContain(text);
  }

  async type(text: string): Promise<void> {
    await this.screen.evaluate(({ connection }, text) => connection.send(text), text);
  }

  resize(cols: number, rows: number): Promise<void> {
    return this.screen.evaluate((screen, [cols, rows]) => screen.resize(cols, rows), [cols, rows] as const);
  }

  forget(): Promise<void> {
    return this.screen.evaluate((screen) => screen.forget());
  }

  /** All that came since it was asked to forget, each byte a character. */
  heard(): Promise<string> {
    return this.screen.evaluate((screen) => screen.heard());
  }

  /** Waits until that is so much. */
  async hear(bytes: number): Promise<void> {
    const heard = async () => (await this.heard()).length;
    await expect.poll(heard, { ...OFTEN, message: `bytes for the ${this.name} terminal` }).toBe(bytes);
  }

  leave(): Promise<void> {
    return this.screen.evaluate((screen) => screen.leave());
  }

  /** What was told besides messages, in its order. */
  told(): Promise<readonly string[]> {
    return this.screen.evaluate(({ told }) => told);
  }

  gaps(): Promise<Screen['gaps']> {
    return this.screen.evaluate(({ gaps }) => gaps);
  }

  /** How many entries of the output it was given, pictures included. */
  entries(): Promise<number> {
    return this.screen.evaluate(({ entries }) => entries);
  }

  /** Cuts its link, and whatever else goes through the proxy, and refuses others. */
  async goAway(proxy: Proxy): Promise<void> {
    await proxy.retarget(NOBODY);
    await proxy.cut('reset');
    await this.expectStatus('reconnecting');
  }

  /** Refuses links no longer. */
  letBack(proxy: Proxy): Promise<void> {
    return proxy.retarget(new URL(serverUrl()).host);
  }

  async expectStatus(status: string): Promise<void> {
    const said = () => this.screen.evaluate(({ connection }) => connection.status);
    await expect.poll(said, { ...OFTEN, message: `status of the ${this.name} terminal` }).toBe(status);
  }
}

export class Screens {
  private constructor(
    readonly page: Page,
    readonly proxy: Proxy,
    /** Where WebSockets go past the proxy, as a template. */
    readonly straight: string,
    readonly pair: Pair,
    /** Its link is never cut. */
    readonly whole: Shown,
    readonly cut: Shown,
  ) {}

  /** Two terminals on the same shell, which runs what it reads line by line and silently. */
  static async open(page: Page, pages: Pages, proxy: Proxy, server: Server, pair: Pair): Promise<Screens> {
    await pages.open(page, 'plain');
    const straight = server.socketUrl();
    const whole = await show(page, 'whole', straight, pair);
    await whole.type(SILENT);
    await whole.expectText('ready');
    const screens = new Screens(
      page,
      proxy,
      straight,
      pair,
      whole,
      await show(page, 'cut', proxy.socketUrl, pair),
    );
    await screens.run('clear; echo be""gun', 'begun');
    return screens;
  }

  /** Has the shell run this, and waits until both show a text that was not there. */
  async run(line: string, text: string): Promise<void> {
    await this.type(`${line}\n`, text);
    await this.expectSame();
  }

  /** Types this where no link is cut, and waits until a text shows there. */
  async type(keys: string, text: string): Promise<void> {
    await this.whole.type(keys);
    await this.whole.expectText(text);
  }

  /** Cuts the one link and refuses others. */
  goAway(): Promise<void> {
    return this.cut.goAway(this.proxy);
  }

  async comeBack(): Promise<void> {
    await this.letBack();
    await this.cut.expectStatus('connected');
  }

  /** Refuses links no longer. */
  letBack(): Promise<void> {
    return this.cut.letBack(this.proxy);
  }

  /** One more terminal on the shell, as a page shows it that was opened late. */
  async join(name = 'late'): Promise<Shown> {
    const late = await show(this.page, name, this.straight, this.pair);
    await late.expectStatus('connected');
    return late;
  }

  /** The cut one was told once that output is missing, and that a picture follows. */
  async expectOneGap(): Promise<void> {
    const gaps = (await this.cut.told()).filter((what) => what.startsWith('gap'));
    expect(gaps, 'what was told of gaps').toEqual(['gap in: evicted']);
    expect((await this.cut.gaps())[0]!.snapshot).toBe(true);
  }

  /** Waits until these show what the one shows that was never cut, cell for cell. */
  async expectSame(others: readonly Shown[] = [this.cut]): Promise<void> {
    for (const other of others) {
      await expect(async () => {
        const [seen, whole] = [await other.look(), await this.whole.look()];
        expect(seen, `the ${other.name} terminal`).toEqual(whole);
      }).toPass({ ...OFTEN, timeout: 20_000 });
    }
  }

  /** The same, and what does not show by itself, too. Nothing is as it was afterwards. */
  async expectSameWithin(others: readonly Shown[] = [this.cut]): Promise<void> {
    await this.expectSame(others);
    for (const { screen } of [this.whole, ...others])
      await screen.evaluate((screen, probe) => screen.write(probe), PROBE);
    await this.expectSame(others);
  }
}

/** Has a shell without a prompt and without an echo print these bytes, each a character. */
export function printing(bytes: string): string {
  const octal = Array.from(bytes, (byte) => `\\${byte.charCodeAt(0).toString(8).padStart(3, '0')}`);
  return `printf '${octal.join('')}'`;
}

/** One more terminal on the page. */
export async function show(
  page: Page,
  name: string,
  template: string,
  { project, env }: Pair,
): Promise<Shown> {
  const url = template.replace('{project}', project).replace('{env}', env);
  const screen = await page.evaluateHandle(([url, size]) => new window.bare.Screen(url, size), [
    url,
    SIZE,
  ] as const);
  return new Shown(screen, name);
}

export const test = base.extend<{ readonly screens: Screens }>({
  screens: async ({ complaints, page, pages, proxied, server }, use) => {
    complaints.allow(REFUSED_WHILE_CUT);
    complaints.allow(LATE);
    await use(await Screens.open(page, pages, proxied, server, await server.create()));
  },
});
