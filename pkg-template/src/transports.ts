// The ways of a token to a server, and where it may go. It must not know whose token it is.

import { isWellFormed, utf8Length } from './text.js';

/** How a token is sent, with the engine's numbers for it. */
export const TRANSPORTS = { none: 0, hello: 1, query: 2, subprotocol: 2, firstMessage: 3 } as const;
export type Transport = keyof typeof TRANSPORTS;

/** As long as the protocol lets it be (docs/PROTOCOL.md, "Types"). */
const MOST_BYTES = 8_192;

/** The beginning of a subprotocol that is a token. */
const BEARER = 'envsocket.bearer.';

/** Host names that lead nowhere but to this machine, as URLs have them. */
const LOOPBACK = /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/;

/** Why it cannot be sent, if it cannot; to be said after its name. `or`: what else may be given. It is not shown. */
export function faultOf(token: unknown, or = ''): string | undefined {
  const isSound = typeof token === 'string' && token !== '' && isWellFormed(token);
  if (!isSound || utf8Length(token) > MOST_BYTES) return `must be a text of 1 to ${MOST_BYTES} bytes${or}`;
  // Of what was read from a file or an answer, the end of the line. Whether it belongs to the token, nobody knows here.
  return /[\s\p{Cc}]/u.test(token) ? 'must not contain spaces or line breaks' : undefined;
}

/** The URL with the token as its last parameter. */
export function withQuery(url: string, token: string): string {
  const mark = !url.includes('?') ? '?' : /[?&]$/.test(url) ? '' : '&';
  return `${url}${mark}token=${encodeURIComponent(token)}`;
}

/** The token as the name of a subprotocol: base64url of its UTF-8, without padding. */
export function bearer(token: string): string {
  const bytes = String.fromCharCode(...new TextEncoder().encode(token));
  return BEARER + btoa(bytes).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}

/** Whether nobody on the way to this URL can read along: it is encrypted, or does not leave the machine. */
export function isPrivate(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === 'wss:' || LOOPBACK.test(hostname);
}
