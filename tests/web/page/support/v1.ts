// A connection to the test server's source, and the story of what was heard of it.
// Must not: wait for time to pass.

import type { ConnectionOptions, Discarded, EnvSocket, Gap, ManagerOptions, WebSocketManager } from 'envsocket';
import { connection, SOON, statusIs } from './manager';
import { at, control, newId, observed } from './server';

/** What was heard of a connection, in order. */
export interface Heard {
  readonly messages: unknown[];
  readonly gaps: Gap[];
  readonly discarded: Discarded[];
  opens: number;
}

export interface Attached {
  readonly id: string;
  readonly socket: EnvSocket;
  readonly manager: WebSocketManager;
  readonly heard: Heard;
  /** Has the source say this: texts, bytes, frames with a number. */
  say(...entries: (string | number[] | object)[]): Promise<void>;
  /** Resolves with all messages, once there are so many. */
  until(messages: number): Promise<unknown[]>;
  /** Cuts the link, and resolves when that was noticed. */
  cut(): Promise<void>;
}

/**
 * A connection that may be open yet or not. `terms` are the server's: see `Source` in server/v1.mjs. `origin` is under
 * what other name it is to be reached.
 */
export function attach(
  options: ConnectionOptions & ManagerOptions = {},
  terms: Record<string, string | number> = {},
  origin = `ws://${location.host}`,
): Attached {
  const id = newId();
  const { socket, manager } = connection({
    url: at('/v1', { id, ...terms }).replace(`ws://${location.host}`, origin),
    backoff: SOON,
    binaryType: 'arraybuffer',
    ...options,
  });
  const heard = story(socket);
  return {
    id,
    socket,
    manager,
    heard,
    say: (...entries) => control(id, 'say', { entries: JSON.stringify(entries) }),
    until: (count) =>
      new Promise((resolve) => {
        const done = new AbortController();
        const look = () => {
          if (heard.messages.length < count) return;
          done.abort();
          resolve(heard.messages);
        };
        socket.addEventListener('message', look, { signal: done.signal });
        look();
      }),
    cut: async () => {
      const lost = statusIs(socket, 'reconnecting');
      await control(id, 'cut');
      await lost;
    },
  };
}

/** One that is open. */
export async function attached(...args: Parameters<typeof attach>): Promise<Attached> {
  const made = attach(...args);
  await statusIs(made.socket, 'connected');
  return made;
}

/** The detail of the next of these events. */
export function detail(socket: EnvSocket, type: 'gap'): Promise<Gap>;
export function detail(socket: EnvSocket, type: 'discarded'): Promise<Discarded>;
export function detail(socket: EnvSocket, type: 'gap' | 'discarded'): Promise<Gap | Discarded> {
  return new Promise((resolve) => {
    socket.addEventListener(type, ({ detail }: CustomEvent<Gap | Discarded>) => resolve(detail), { once: true });
  });
}

/** Resolves once the server was told that so much was received, and so much of it consumed. */
export async function toldThat(id: string, received: number, consumed: number): Promise<void> {
  for (let least = 1; ; ) {
    const frames = (await observed(id, { frames: least })).frames!;
    const counts = frames.filter(({ type, ...said }) => type !== 'hello' && 'consumed' in said).at(-1);
    if (counts?.['received'] === received && counts['consumed'] === consumed) return;
    least = frames.length + 1;
  }
}

/** Numbered texts. */
export function numbered(count: number, from = 1): string[] {
  return Array.from({ length: count }, (_, at) => `line ${from + at}`);
}

/** The native sockets that are made from now on, until it is called off. */
export function collected(): [undo: () => void, natives: WebSocket[]] {
  const natives: WebSocket[] = [];
  const Native = window.WebSocket;
  window.WebSocket = class extends Native {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols);
      natives.push(this);
    }
  };
  return [() => (window.WebSocket = Native), natives];
}

function story(socket: EnvSocket): Heard {
  const heard: Heard = { messages: [], gaps: [], discarded: [], opens: 0 };
  socket.addEventListener('open', () => (heard.opens += 1));
  socket.addEventListener('message', ({ data }: MessageEvent) => {
    heard.messages.push(data instanceof ArrayBuffer ? [...new Uint8Array(data)] : data);
  });
  socket.addEventListener('gap', ({ detail }) => heard.gaps.push(detail));
  socket.addEventListener('discarded', ({ detail }) => heard.discarded.push(detail));
  return heard;
}
