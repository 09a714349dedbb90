// A test's hand on a page's clocks. The page's timers stay the browser's: only what time it is, is told
// differently.

import { expect, type Page } from '@playwright/test';

declare global {
  interface Window {
    /** By how much each clock is ahead of the machine's, in ms. */
    ahead: { wall: number; monotonic: number };
    /** How often the page was told its connections' status. Each time it looks at its clocks. */
    looks: number;
  }
}

/** How the clocks go ahead at once, in hours; back when it is less than none. */
export interface Jump {
  readonly wall: number;
  readonly monotonic: number;
}

/** The clocks of the page that is opened next. */
export class Clocks {
  readonly #page: Page;

  private constructor(page: Page) {
    this.#page = page;
  }

  static async hold(page: Page): Promise<Clocks> {
    await page.addInitScript(() => {
      window.ahead = { wall: 0, monotonic: 0 };
      const [unixTime, pageTime] = [Date.now.bind(Date), performance.now.bind(performance)];
      Date.now = () => unixTime() + window.ahead.wall;
      performance.now = () => pageTime() + window.ahead.monotonic;
    });
    return new Clocks(page);
  }

  /** Has the page look at them ten times a second, as one that shows its connections does every two seconds. */
  async watch(): Promise<void> {
    await this.#page.evaluate(() => {
      window.looks = 0;
      window.bare.WebSocketManager.pollStatus(() => (window.looks += 1), 100);
    });
  }

  async jump(hours: Jump): Promise<void> {
    await this.#page.evaluate(({ wall, monotonic }) => {
      window.ahead.wall += wall * 3_600_000;
      window.ahead.monotonic += monotonic * 3_600_000;
    }, hours);
  }

  /** Waits until the page has looked at them again, and had the time to act upon it. */
  async expectLooks(): Promise<void> {
    const looks = () => this.#page.evaluate(() => window.looks);
    expect(await looks(), 'looks at the clocks').toBeGreaterThan(0);
    const before = await looks();
    await expect.poll(looks, { message: 'looks at the clocks' }).toBeGreaterThan(before + 2);
  }
}
