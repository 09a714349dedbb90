// What the tests of the hooks share: a place on the page under StrictMode, a pair that nobody else has, and
// waiting for what it does. Must not: know what a test is about.

import { type ConnectionOptions, type ConnectionStatus, type EnvSocket, WebSocketManager } from 'envsocket';
import { type ReactNode, StrictMode } from 'react';
import { flushSync } from 'react-dom';
import { createRoot } from 'react-dom/client';

import { at } from '../support/server';

export const PROJECT = 'react';

const mounted = new Set<() => void>();

/** Leaves no component and no connection to the next test. */
export async function cleanUp(): Promise<void> {
  for (const unmount of mounted) unmount();
  WebSocketManager.closeAll();
  await until(() => WebSocketManager.getSnapshot().connections.length === 0);
}

export interface Mounted {
  readonly container: HTMLElement;
  /** Renders anew; effects have run when it returns. */
  render(element: ReactNode): void;
  unmount(): void;
}

export function mount(element: ReactNode): Mounted {
  const container = document.body.appendChild(document.createElement('div'));
  const root = createRoot(container);
  const render = (next: ReactNode) => flushSync(() => root.render(<StrictMode>{next}</StrictMode>));
  const unmount = () => {
    mounted.delete(unmount);
    flushSync(() => root.unmount());
    container.remove();
  };
  mounted.add(unmount);
  render(element);
  return { container, render, unmount };
}

/** The server's echo, or another scenario, watched under the environment's id. */
export function leadingTo(env: string, scenario = '/echo', query: object = {}): ConnectionOptions {
  return { url: at(scenario, { ...query, id: env }) };
}

/** Connects behind React's back. */
export function connect(env: string): EnvSocket {
  return WebSocketManager.getConnection(PROJECT, env, null, leadingTo(env));
}

export function statusOf(env: string): ConnectionStatus {
  return WebSocketManager.getConnectionStatus(PROJECT, env);
}

/** Resolves when it holds, looking in every turn of the page; else the test's time runs out. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve));
}

export async function connected(env: string): Promise<EnvSocket> {
  await until(() => statusOf(env) === 'connected');
  return WebSocketManager.getConnection(PROJECT, env);
}

/** Sends through the pair's connection and waits for the echo: all that was sent before is through, too. */
export async function roundTrip(env: string): Promise<void> {
  const connection = await connected(env);
  const probe = `probe ${crypto.randomUUID()}`;
  const heard = new Promise<void>((resolve) => {
    const done = new AbortController();
    const hear = ({ data }: MessageEvent) => {
      if (data !== probe) return;
      done.abort();
      resolve();
    };
    connection.addEventListener('message', hear, { signal: done.signal });
  });
  connection.send(probe);
  await heard;
}
