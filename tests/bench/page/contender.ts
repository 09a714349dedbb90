// What is measured, in one shape. Every contender runs this in a frame, a realm, and a bundle of its own,
// so that the engine optimises each for itself. Must not know which of them it measures.

import { type ComingBack, comeBack } from './coming-back.js';
import { type Kind, receive, roundTrips, send, type Trips } from './traffic.js';
import { greeting, openAll } from './greeting.js';
import type { managerCalls } from './manager-calls.js';

/** Opens a connection whose binary messages arrive as ArrayBuffer. */
export type Open = (url: string) => WebSocket;

/** What the conductor finds in a frame. Times are milliseconds. */
export interface Contender {
  /** Opens the connection that the three below use. */
  connect(url: string): Promise<void>;
  receive(count: number, size: number, kind: Kind): Promise<number>;
  send(count: number, size: number, kind: Kind): Promise<number>;
  roundTrips(count: number, size: number): Promise<Trips>;
  disconnect(): void;
  comeBack(url: string): Promise<ComingBack>;
  /** Opens one more connection for each URL and keeps them. */
  idle(urls: readonly string[]): Promise<void>;
  /** Closes what `idle` opened. */
  release(): Promise<void>;
}

/** What a frame of EnvSocket offers besides being a contender. */
export interface Extras {
  wasmBytes(): number;
  readonly managerCalls?: typeof managerCalls;
}

declare global {
  interface Window {
    contender?: Contender;
    extras?: Extras;
  }
}

/** Offers this frame to the conductor. */
export function offer(open: Open): void {
  let socket: WebSocket | null = null;
  const kept: WebSocket[] = [];
  const present = () => {
    if (!socket) throw new Error('connect() comes first');
    return socket;
  };
  window.contender = {
    async connect(url) {
      socket = open(url);
      await greeting(socket);
    },
    receive: (count, size, kind) => receive(present(), count, size, kind),
    send: (count, size, kind) => send(present(), count, size, kind),
    roundTrips: (count, size) => roundTrips(present(), count, size),
    disconnect() {
      present().close();
      socket = null;
    },
    comeBack: (url) => comeBack(open, url),
    async idle(urls) {
      await openAll(urls, (url) => {
        const socket = open(url);
        kept.push(socket);
        return socket;
      });
    },
    async release() {
      const closed = kept.map((socket) => {
        return new Promise((resolve) => socket.addEventListener('close', resolve, { once: true }));
      });
      for (const socket of kept.splice(0)) socket.close();
      await Promise.all(closed);
    },
  };
}
