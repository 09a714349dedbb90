// What a page and the server say to each other over `envsocket.v1`, as the browser reports it. Knows the counts and
// no terminal.

import type { Page } from '@playwright/test';
import { parse, type Frame } from './frames';

/** What an entry costs besides its bytes. */
const ENTRY_COST = 64;

/** All that a page's sockets say from now on. */
export class Traffic {
  /** What was typed, or answered in its place. */
  readonly typed: string[] = [];
  /** The sizes that were told, in hellos and afterwards, as `stty size` writes them. */
  readonly sizes: string[] = [];
  /** The most that a link has brought beyond what was consumed by then, as costs; and the window. */
  most = 0;
  window = 0;
  /** What came, in bytes, and what came instead of what is missing. */
  bytes = 0;
  readonly gaps: Frame[] = [];

  constructor(page: Page) {
    page.on('websocket', (socket) => {
      const link = new Link(this);
      socket.on('framesent', ({ payload }) => this.#sent(payload, link));
      socket.on('framereceived', ({ payload }) => link.received(payload));
    });
  }

  #sent(payload: string | Buffer, link: Link): void {
    const frame = parse(payload);
    if (!frame) {
      this.typed.push(payload.toString());
      return;
    }
    if (frame.cols) this.sizes.push(`${frame.rows} ${frame.cols}`);
    if (frame.consumed !== undefined) link.consumed(frame.consumed);
  }
}

/** What came over one socket and is not known to be consumed. */
class Link {
  readonly #traffic: Traffic;
  readonly #costs: [number: number, cost: number][] = [];
  #number = 0;
  /** What the snapshot stands for that comes next. */
  #picture: number | null = null;

  constructor(traffic: Traffic) {
    this.#traffic = traffic;
  }

  received(payload: string | Buffer): void {
    const frame = parse(payload);
    if (!frame) {
      const bytes = Buffer.byteLength(payload);
      this.#traffic.bytes += bytes;
      this.#came(bytes, this.#picture ?? this.#number + 1);
      this.#picture = null;
    } else if (frame.type === 'welcome') {
      this.#number = frame.next! - 1;
      this.#traffic.window = frame.window!;
    } else if (frame.type === 'gap') {
      this.#traffic.gaps.push(frame);
      if (frame.snapshot) this.#picture = frame.to!;
      else this.#number = frame.to!;
    } else if (frame.type === 'size' || frame.type === 'end') {
      this.#came(0, this.#number + 1);
    }
  }

  consumed(number: number): void {
    while (this.#costs.length > 0 && this.#costs[0]![0] <= number) this.#costs.shift();
  }

  #came(bytes: number, number: number): void {
    this.#number = number;
    this.#costs.push([number, bytes + ENTRY_COST]);
    const unconsumed = this.#costs.reduce((sum, [, cost]) => sum + cost, 0);
    this.#traffic.most = Math.max(this.#traffic.most, unconsumed);
  }
}
