// A connection and its terminal on the page `plain`, held from outside.

import type { JSHandle, Page } from '@playwright/test';
import type { Terminal } from '@xterm/xterm';
import type { EnvSocket } from 'envsocket';
import type { EnvSocketAddon, KeptTerminal } from 'envsocket/xterm';
import type { Peer } from './peer';

/** A terminal as wide as the page, with its addon, joined to a connection. */
export interface Joined {
  readonly connection: JSHandle<EnvSocket>;
  readonly terminal: JSHandle<Terminal>;
  readonly addon: JSHandle<EnvSocketAddon>;
}

/** On the page `plain`: a connection to the peer, open. */
export function connect(page: Page, peer: Peer): Promise<JSHandle<EnvSocket>> {
  return page.evaluateHandle(async (url) => {
    const connection = new window.bare.EnvSocket(url);
    await new Promise((open) => connection.addEventListener('open', open, { once: true }));
    return connection;
  }, peer.url);
}

export async function join(page: Page, peer: Peer): Promise<Joined> {
  const connection = await connect(page, peer);
  const addon = await connection.evaluateHandle((connection) => new window.bare.EnvSocketAddon(connection));
  const terminal = await addon.evaluateHandle((addon) => {
    const terminal = new window.bare.Terminal({ cols: 120, rows: 10 });
    terminal.loadAddon(addon);
    terminal.open(document.getElementById('left')!);
    return terminal;
  });
  return { connection, terminal, addon };
}

/** The connection's kept terminal, made when there is none. */
export function keep(connection: JSHandle<EnvSocket>): Promise<JSHandle<KeptTerminal>> {
  return connection.evaluateHandle((connection) =>
    window.bare.keepTerminal(connection, () => new window.bare.Terminal()),
  );
}

/** Shows the terminal in one of the page's places; returns what takes it out again. */
export function mount(kept: JSHandle<KeptTerminal>, place: 'left' | 'right'): Promise<JSHandle<() => void>> {
  return kept.evaluateHandle((kept, id) => kept.mount(document.getElementById(id)!), place);
}

/** Closes the connection and waits for its end. */
export async function end(connection: JSHandle<EnvSocket>): Promise<void> {
  await connection.evaluate(async (connection) => {
    const closed = new Promise((close) => connection.addEventListener('close', close, { once: true }));
    connection.close();
    await closed;
  });
}

/** Begins a new life after the end, and waits until it is open. */
export async function beginAnew(connection: JSHandle<EnvSocket>): Promise<void> {
  await connection.evaluate(async (connection) => {
    const opened = new Promise((open) => connection.addEventListener('open', open, { once: true }));
    connection.reconnect();
    await opened;
  });
}

/** What was written, once all of it is, from top to bottom, without what is blank at the ends. */
export async function linesOf(terminal: JSHandle<Terminal>): Promise<string[]> {
  return terminal.evaluate(async (terminal) => {
    await new Promise<void>((written) => terminal.write('', written));
    const { active } = terminal.buffer;
    const lineAt = (row: number) => active.getLine(row)?.translateToString(true) ?? '';
    const lines = Array.from({ length: active.length }, (_, row) => lineAt(row));
    return lines.join('\n').trimEnd().split('\n');
  });
}
