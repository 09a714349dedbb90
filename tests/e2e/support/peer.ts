// A WebSocket server that does nothing but note what it hears, and say what it is told to. For what the real
// server does not tell: with which code a page left.

import { once } from 'node:events';
import { expect } from '@playwright/test';
import { WebSocketServer, type WebSocket } from 'ws';

/** One connection, from its open to its close. */
export interface Visit {
  /** The path of its URL. */
  readonly path: string;
  readonly socket: WebSocket;
  readonly messages: Buffer[];
  /** The close code that was heard: 1006 when there was no close frame. */
  readonly left: Promise<number>;
}

/** All that was heard, as one text. */
export function heard({ messages }: Visit): string {
  return Buffer.concat(messages).toString();
}

export class Peer {
  readonly visits: Visit[] = [];
  readonly #server = new WebSocketServer({ host: '127.0.0.1', port: 0 });

  private constructor() {
    this.#server.on('connection', (socket, { url }) => {
      const left = new Promise<number>((leave) => socket.on('close', leave));
      const visit: Visit = { path: url ?? '', socket, messages: [], left };
      socket.on('message', (data) => visit.messages.push(data));
      this.visits.push(visit);
    });
  }

  static async start(): Promise<Peer> {
    const peer = new Peer();
    await once(peer.#server, 'listening');
    return peer;
  }

  /** The connection that came first, second, …; waits for it. */
  async visit(index: number): Promise<Visit> {
    await expect.poll(() => this.visits.length, { message: 'connections' }).toBeGreaterThan(index);
    return this.visits[index]!;
  }

  get url(): string {
    return `ws://127.0.0.1:${this.#server.address().port}`;
  }

  async close(): Promise<void> {
    for (const socket of this.#server.clients) socket.terminate();
    await new Promise<void>((closed) => this.#server.close(closed));
  }
}
