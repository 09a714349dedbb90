// The control frames of `envsocket.v1` that a page sends and receives, as the browser tells of them.

import { expect, type Page } from '@playwright/test';
import { parse, type Frame } from './frames';

export class ControlFrames {
  readonly #sent: Frame[] = [];
  readonly #received: Frame[] = [];

  /** Of the sockets to come. */
  constructor(page: Page) {
    page.on('websocket', (socket) => {
      socket.on('framesent', ({ payload }) => note(this.#sent, payload));
      socket.on('framereceived', ({ payload }) => note(this.#received, payload));
    });
  }

  /**
   * How often the page has asked of its own accord whether its link is alive: besides the pings that follow
   * the welcome and the server's own.
   */
  questions(): number {
    const called = (type: string) => this.#received.filter((frame) => frame.type === type).length;
    return this.#sent.filter(({ type }) => type === 'ping').length - called('welcome') - called('ping');
  }

  /** Waits until the page knows that the server has so many messages. */
  async expectReceipt(messages: number): Promise<void> {
    const known = () => Math.max(0, ...this.#received.map(({ received }) => received ?? 0));
    await expect.poll(known, { message: 'messages that the server has' }).toBe(messages);
  }
}

function note(frames: Frame[], payload: string | Buffer): void {
  const frame = parse(payload);
  if (frame) frames.push(frame);
}
