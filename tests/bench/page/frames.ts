// One frame for each contender, loaded afresh whenever a phase begins.

import type { Contender, Extras } from './contender.js';
import { tellErrorsOf } from './runner.js';

/** Who is compared with native, each on the lean server, which knows nothing of envsocket. */
export const PEERS = ['native', 'native again', 'partysocket', 'reconnecting-websocket', 'EnvSocket'] as const;

/**
 * EnvSocket with the resume protocol and without it, each on the server library; beside them the noise, and
 * native for scale.
 */
export const MODES = ['protocol off', 'protocol off again', 'protocol on', 'native'] as const;

export type Peer = (typeof PEERS)[number];
export type Mode = (typeof MODES)[number];
export type Name = Peer | Mode;

const PAGES: Record<Name, string> = {
  native: 'native',
  'native again': 'native',
  partysocket: 'partysocket',
  'reconnecting-websocket': 'reconnecting-websocket',
  EnvSocket: 'envsocket',
  'protocol off': 'protocol-off',
  'protocol off again': 'protocol-off',
  'protocol on': 'protocol-on',
};

/** The figures of all, by name. */
export type ByName<T, N extends Name> = Record<N, T>;

export interface Loaded {
  readonly contender: Contender;
  readonly extras: Extras | undefined;
  unload(): void;
}

export async function load(name: Name): Promise<Loaded> {
  const element = document.createElement('iframe');
  const loaded = new Promise((resolve) => element.addEventListener('load', resolve));
  element.src = `/${PAGES[name]}.html`;
  document.body.append(element);
  await loaded;
  const realm = element.contentWindow;
  if (!realm?.contender) throw new Error(`the frame of ${name} offers nothing`);
  tellErrorsOf(realm);
  return { contender: realm.contender, extras: realm.extras, unload: () => element.remove() };
}

/** Another order every round: nobody always comes first, or always after the same one. */
export function order<N extends Name>(names: readonly N[], round: number): N[] {
  const first = round % names.length;
  const rotated = [...names.slice(first), ...names.slice(0, first)];
  return round % 2 === 0 ? rotated : rotated.reverse();
}

/** An empty list of figures for each. */
export function lists<N extends Name>(names: readonly N[]): ByName<number[], N> {
  return Object.fromEntries(names.map((name) => [name, []])) as unknown as ByName<number[], N>;
}

/** Each address in turn. */
export function spread(urls: readonly string[], count: number): string[] {
  return Array.from({ length: count }, (_, i) => urls[i % urls.length] as string);
}
