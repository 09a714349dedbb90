// One frame for each contender, loaded afresh whenever a phase begins.

import type { Contender } from './contender.js';
import type { Extras } from './envsocket.js';
import { tellErrorsOf } from './runner.js';

/** The names in the tables, with the page of each. */
export const PAGES = {
  native: 'native',
  'native again': 'native',
  partysocket: 'partysocket',
  'reconnecting-websocket': 'reconnecting-websocket',
  EnvSocket: 'envsocket',
} as const;

export type Name = keyof typeof PAGES;

export const NAMES = Object.keys(PAGES) as Name[];

/** The figures of all, by name. */
export type ByName<T> = Record<Name, T>;

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
export function order(round: number): Name[] {
  const first = round % NAMES.length;
  const rotated = [...NAMES.slice(first), ...NAMES.slice(0, first)];
  return round % 2 === 0 ? rotated : rotated.reverse();
}

/** An empty list of figures for each. */
export function lists(): ByName<number[]> {
  return Object.fromEntries(NAMES.map((name) => [name, []])) as unknown as ByName<number[]>;
}

/** Each address in turn. */
export function spread(urls: readonly string[], count: number): string[] {
  return Array.from({ length: count }, (_, i) => urls[i % urls.length] as string);
}
