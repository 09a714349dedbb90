// Tokens in the words of others: a close reason, or what a provider throws, may quote one, and goes to logs, events and
// people's screens. It must not keep a token.

import { bearer } from './transports.js';

/** So many characters of a token in a row give it away: reasons are cut off where they are too long. */
const TELLING = 12;

const HIDDEN = '…';

/** The text without these tokens and the parts of them, however they were sent. */
export function scrub(text: string, tokens: readonly string[]): string {
  const hidden = new Uint8Array(text.length);
  for (const token of tokens) {
    // Most tokens are in a URL what they are elsewhere.
    for (const form of new Set([token, encodeURIComponent(token), bearer(token)])) mark(hidden, text, form);
  }
  if (!hidden.includes(1)) return text;
  let shown = '';
  hidden.forEach((isHidden, at) => {
    if (!isHidden) shown += text[at];
    else if (!hidden[at - 1]) shown += HIDDEN;
  });
  return shown;
}

/** Marks all parts of `secret` in the text; one that is short is looked for as a whole. */
function mark(hidden: Uint8Array, text: string, secret: string): void {
  const length = Math.min(secret.length, TELLING);
  // No set of the secret's parts: reasons are short, and a server may close all of a page's connections at once.
  for (let at = 0; at + length <= text.length; at += 1) {
    if (secret.includes(text.slice(at, at + length))) hidden.fill(1, at, at + length);
  }
}
