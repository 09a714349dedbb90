// The page, as a person uses it: choosing environments, typing into shells, reading what they say. Nothing
// here waits for time to pass.

import { expect, type Locator, type Page } from '@playwright/test';
import type { Pair } from './server';

export class Shells {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** The environment's entry in the sidebar. */
  entry({ project, env }: Pair): Locator {
    return this.page.getByTestId(`env-${project}-${env}`);
  }

  chip(pair: Pair): Locator {
    return this.entry(pair).locator('.MuiChip-root');
  }

  /** The place of the visible terminal. */
  get terminal(): Locator {
    return this.page.getByTestId('terminal');
  }

  get cutButton(): Locator {
    return this.page.getByRole('button', { name: 'Cut the link' });
  }

  /** Opens the page, chooses the environment and waits until its shell answers. */
  async open(pair: Pair): Promise<void> {
    await this.page.goto('/');
    await this.choose(pair);
    await this.settle();
  }

  async choose(pair: Pair): Promise<void> {
    await this.entry(pair).getByRole('button').first().click();
    await expect(this.entry(pair)).toHaveAttribute('data-status', 'connected');
    await expect(this.entry(pair)).toHaveAttribute('data-active', 'true');
    await expect(this.terminal.locator('textarea')).toBeFocused();
  }

  async expectStatus(pair: Pair, status: string): Promise<void> {
    await expect(this.entry(pair)).toHaveAttribute('data-status', status);
  }

  /**
   * Resolves when the entry says so, if only for one frame. To be asked before what leads there: the page
   * itself looks, so nothing is missed while the test is busy.
   */
  async nextStatus({ project, env }: Pair, status: string): Promise<void> {
    await this.page.waitForFunction(
      ([id, wanted]) =>
        document.querySelector<HTMLElement>(`[data-testid="${id}"]`)?.dataset['status'] === wanted,
      [`env-${project}-${env}`, status] as const,
    );
  }

  /** Types into whatever has the focus, as a keyboard does. */
  async type(text: string): Promise<void> {
    await this.page.keyboard.type(text);
  }

  async run(command: string): Promise<void> {
    await this.type(`${command}\n`);
  }

  /** Pastes into the terminal, at once and whatever its length, without the machine's clipboard. */
  async paste(text: string): Promise<void> {
    await this.terminal.locator('textarea').evaluate((textarea, pasted) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData('text/plain', pasted);
      textarea.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
    }, text);
  }

  /** The screen's lines from top to bottom, without what is blank at their ends. */
  async lines(): Promise<string[]> {
    const rows = await this.terminal.locator('.xterm-rows > div').allTextContents();
    // xterm draws blanks as no-break spaces.
    return rows.map((row) => row.replaceAll('\u00a0', ' ').trimEnd());
  }

  /** Waits for a line that is exactly this. A command's echo is longer, for a prompt stands before it. */
  async expectLine(line: string): Promise<void> {
    await expect.poll(() => this.lines(), { message: `a line "${line}"` }).toContain(line);
  }

  /**
   * Waits until the shell is ready to be typed at, with a short prompt and an empty screen: what is typed
   * while it still starts is echoed twice.
   */
  async settle(): Promise<void> {
    await this.run(`PS1='$ '; clear; echo ready-$((40 + 2))`);
    await this.expectLine('ready-42');
    await expect.poll(async () => (await this.lines()).filter((line) => line !== '').at(-1)).toBe('$');
  }
}
