// The servers and the taps before them, as a page speaks to the runner that holds them.
// Must not: open a WebSocket.

import { assert } from 'chai';

/** The servers, by the names that tests/foreign/support/servers.mjs gives them. */
export type ServerName = 'FastAPI' | 'ws' | 'tokio-tungstenite' | 'Jupyter';

/** What a tap saw; see tests/foreign/support/tap.mjs. */
export interface Seen {
  readonly attempts: readonly Attempt[];
  readonly messages: readonly Message[];
  /** Links that the tap refused. */
  readonly refused: number;
}

/** A WebSocket handshake. */
export interface Attempt {
  readonly path: string;
  /** The subprotocols on offer, with commas between them. */
  readonly protocols: string | null;
  /** Of the server's answer; null as long as there is none. */
  readonly status: number | null;
  readonly chosen: string | null;
}

/** What was said to the server, and with which of the handshakes before it. */
export type Message = { readonly attempt: number } & (
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'binary' | 'ping' | 'pong'; readonly base64: string }
  | { readonly kind: 'close'; readonly code: number; readonly reason: string }
);

async function order<T>(order: string, rest: object = {}): Promise<T> {
  const response = await fetch('/order', { method: 'POST', body: JSON.stringify({ order, ...rest }) });
  if (!response.ok) throw new Error(await response.text());
  return (await response.json()) as T;
}

/** Ends a server's process; it has gone when this resolves. */
export function kill(server: ServerName, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
  return order('kill', { server, signal });
}

/** Starts it again, at the port that it had; it listens when this resolves. */
export function start(server: ServerName): Promise<void> {
  return order('start', { server });
}

/** What the Jupyter server wants to be shown. */
export function jupyterToken(): Promise<string> {
  return order('token');
}

let taps: Tap[] = [];

/** What stands before a server, sees everything and can break it. */
export class Tap {
  /** Address and port, for URLs. */
  readonly host: string;

  private constructor(host: string) {
    this.host = host;
  }

  /** A tap of this test's own. The server runs when it resolves, whatever the last test left of it. */
  static async before(server: ServerName): Promise<Tap> {
    const tap = new Tap(await order<string>('tap', { server }));
    taps.push(tap);
    return tap;
  }

  /** What it saw, once it is so much. */
  seen(wanted: { attempts?: number; messages?: number; refused?: number } = {}): Promise<Seen> {
    return order('seen', { tap: this.host, ...wanted });
  }

  /** Ends all links, without a word of the protocol above. */
  cut(how: 'reset' | 'finish'): Promise<void> {
    return order('cut', { tap: this.host, how });
  }

  /** Lets nothing more through the links that are open, and closes none. */
  hold(): Promise<void> {
    return order('hold', { tap: this.host });
  }

  /** Whether links are reset as soon as they are made. */
  refuse(refuses: boolean): Promise<void> {
    return order('refuse', { tap: this.host, refuses });
  }

  /** Goes, without a look at what it saw. */
  async end(): Promise<void> {
    taps = taps.filter((tap) => tap !== this);
    await order('end', { tap: this.host });
  }
}

/** Ends all taps of a test, which must have seen no control frame. */
export async function endTaps(): Promise<void> {
  for (const tap of taps) {
    const { messages } = await tap.seen();
    await tap.end();
    assert.deepEqual(messages.filter(isControl), [], 'control frames that a plain server was sent');
  }
}

/** Whether it is one of `envsocket.v1`: a text that begins with U+0000. */
export function isControl(message: Message): boolean {
  return message.kind === 'text' && message.text.startsWith('\0');
}

/** What an application said: without the closes, and the answers to pings, which are the browser's. */
export function said({ messages }: Seen): string[] {
  return messages.flatMap((message) => {
    if (message.kind === 'text') return [message.text];
    return message.kind === 'binary' ? [`binary ${message.base64}`] : [];
  });
}
