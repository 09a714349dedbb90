// Where a connection goes, parsed as `new WebSocket(url)` does. It must not know whose URL it is.

import { exception } from './errors.js';
import { scalarText } from './text.js';

/** A URL that `WebSocket` takes. */
export interface Place {
  readonly url: string;
  readonly origin: string;
  /** What queued messages are bound to: the query may hold a token that is new for each attempt. */
  readonly destination: string;
}

/**
 * Resolves against the page; http becomes ws.
 * @throws DOMException `SyntaxError`, which begins with the argument's name.
 */
export function resolve(url: unknown, argument: string): Place {
  const text = scalarText(url);
  // It becomes the reason that people are shown.
  const refuse = (why: string) => exception('SyntaxError', `${argument} ${why}: ${redact(text)}`);
  let parsed: URL;
  try {
    parsed = new URL(text, base());
  } catch {
    throw refuse('is no URL that a page could resolve');
  }
  if (/^http/.test(parsed.protocol)) parsed.protocol = parsed.protocol.replace('http', 'ws');
  if (!/^wss?:$/.test(parsed.protocol)) throw refuse('must be a ws, wss, http or https URL');
  // An empty fragment is one too, which `hash` does not show.
  if (parsed.href.includes('#')) throw refuse('must not have a fragment');
  return { url: parsed.href, origin: parsed.origin, destination: parsed.origin + parsed.pathname };
}

/** Replaces every `{project}` and `{env}` by the names, each one segment of the path whatever is in it. */
export function expand(template: string, [projectName, envId]: readonly [string, string]): string {
  return template.replace(/\{(project|env)\}/g, (_, name) => encode(name === 'env' ? envId : projectName));
}

/** By RFC 3986: everything but the unreserved characters, of which JavaScript leaves some more. */
function encode(name: string): string {
  const percent = (char: string) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`;
  return encodeURIComponent(name).replace(/[!'()*]/g, percent);
}

/** A text without what URLs in it may keep secret: the user's part, and the values of the query. */
export function redact(text: string): string {
  return text
    .replace(/\/\/[^/?#\s]*@/g, '//…@')
    .replace(/([?&])([^=&#\s]*)(=?)[^&#\s]*/g, (_, mark: string, name: string, equals: string) => {
      if (equals) return `${mark}${name}=…`;
      // A mark with nothing behind it is prose.
      return name ? `${mark}…` : mark;
    });
}

/** What relative URLs are relative to; nothing where there is no page. */
function base(): string | undefined {
  return globalThis.document?.baseURI ?? globalThis.location?.href;
}
