// What the conformance tests are run against: the platform's WebSocket, or an EnvSocket that promises to be
// one to the letter. Must not: let a test know which of the two it has.

import { EnvSocket } from 'envsocket';

/** A constructor of sockets, and the hands to use it carelessly. */
export interface Subject {
  readonly name: string;
  /** The interface object itself. */
  readonly Interface: typeof WebSocket;
  /** `new` with any number of arguments of any kind. */
  readonly make: Make;
}

export type Make = (...args: unknown[]) => WebSocket;

const made: WebSocket[] = [];

function kept(make: Make): Make {
  return (...args) => {
    const socket = make(...args);
    made.push(socket);
    return socket;
  };
}

/** Closes what a test has left open: browsers allow only so many. */
export function closeAll(): void {
  for (const socket of made.splice(0)) socket.close();
}

export const native: Subject = {
  name: 'WebSocket',
  Interface: WebSocket,
  make: kept((...args) => Reflect.construct(WebSocket, args)),
};

const LETTER = { maxRetries: 0, protocol: 'off' } as const;

export const envSocket: Subject = {
  name: 'EnvSocket',
  Interface: EnvSocket as unknown as typeof WebSocket,
  make: kept((...args) => {
    // The options are the third argument; none at all must stay none at all.
    const all = args.length === 0 ? [] : [args[0], args[1], LETTER];
    return Reflect.construct(EnvSocket, all) as WebSocket;
  }),
};
