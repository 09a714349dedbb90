// An EnvSocket to a server that is not ours, and the record of what it tells.
// Must not: wait for time to pass.

import { EnvSocket, type ConnectionOptions } from 'envsocket';
import { newManager } from '../../../web/page/support/manager';
import { newId } from '../../../web/page/support/server';

const alone: EnvSocket[] = [];

/** The two ways to a connection under `auto`. */
export const WAYS: Readonly<Record<string, (url: string, options?: ConnectionOptions) => EnvSocket>> = {
  "a manager's connection": (url, options = {}) => newManager({ url, ...options }).getConnection('project', newId()),
  'an EnvSocket made alone': (url, options = {}) => {
    const socket = new EnvSocket(url, [], { protocol: 'auto', ...options });
    alone.push(socket);
    return socket;
  },
};

/** Closes those that were made alone. */
export async function closeAlone(): Promise<void> {
  for (const socket of alone.splice(0)) {
    if (socket.readyState === WebSocket.CLOSED) continue;
    const closed = new Promise((close) => socket.addEventListener('close', close, { once: true }));
    socket.close();
    await closed;
  }
}

/** All that it tells from now on but messages, in words. */
export function told(socket: EnvSocket): string[] {
  const all: string[] = [];
  socket.addEventListener('open', () => all.push('open'));
  socket.addEventListener('error', () => all.push('error'));
  socket.addEventListener('statuschange', ({ detail: { status } }) => all.push(status));
  socket.addEventListener('gap', ({ detail: { direction, from, to } }) => all.push(`gap ${direction} ${from} ${to}`));
  socket.addEventListener('discarded', ({ detail: { messages } }) => all.push(`discarded ${messages}`));
  socket.addEventListener('close', ({ code, reason, wasClean }) => {
    all.push(`close ${code} "${reason}" ${wasClean ? 'clean' : 'unclean'}`);
  });
  return all;
}

/** What it receives from now on: texts, and the base64 of bytes. */
export class Inbox {
  readonly all: string[] = [];
  readonly #looks = new Set<() => void>();

  constructor(socket: EnvSocket) {
    socket.binaryType = 'arraybuffer';
    socket.addEventListener('message', ({ data }: MessageEvent<string | ArrayBuffer>) => {
      this.all.push(typeof data === 'string' ? data : `binary ${base64(new Uint8Array(data))}`);
      for (const look of this.#looks) look();
    });
  }

  /** Resolves once this is true of all that was received. */
  until(enough: (all: readonly string[]) => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (!enough(this.all)) return;
        this.#looks.delete(look);
        resolve();
      };
      this.#looks.add(look);
      look();
    });
  }
}

/** Bytes as they are told of: a long list of numbers is slow to compare. */
export function base64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}
