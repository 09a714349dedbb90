// How many components use a connection, so that one that asks for its close does not take it from another. It
// must not know React. All copies of this module on a page share what they know: after a hot reload, the old
// components leave by one copy while the new ones come by another.

import type { EnvSocket } from './envsocket.js';

interface Users {
  present: number;
  /** Whether one that has left asked for the close. */
  asked: boolean;
}

const PAGE = Symbol.for('envsocket.users');

function usersOf(connection: EnvSocket): Users {
  const page = globalThis as { [PAGE]?: WeakMap<EnvSocket, Users> };
  const all = (page[PAGE] ??= new WeakMap());
  let users = all.get(connection);
  if (!users) all.set(connection, (users = { present: 0, asked: false }));
  return users;
}

/** @internal */
export function join(connection: EnvSocket): void {
  const users = usersOf(connection);
  // Whoever asked has come back, or somebody takes over from it.
  if (users.present === 0) users.asked = false;
  users.present += 1;
}

/** Leaves; once the last user is gone, the connection is closed if one of them `asks` for it. @internal */
export function leave(connection: EnvSocket, asks: boolean): void {
  const users = usersOf(connection);
  users.present -= 1;
  users.asked ||= asks;
  // StrictMode, hot reload and a component that makes room for another leave and join within one task.
  queueMicrotask(() => {
    if (users.present > 0 || !users.asked) return;
    users.asked = false;
    connection.close();
  });
}
