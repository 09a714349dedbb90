// Text as WebIDL and UTF-8 see it.

/** Halves of surrogate pairs that stand alone: they are no Unicode text. */
const LONE = /\p{Surrogate}/u;

/** WebIDL's conversion to `USVString`. */
export function scalarText(value: unknown): string {
  // Not String(value), which makes text of symbols too.
  return `${value as string}`.replace(/\p{Surrogate}/gu, '\uFFFD');
}

export function isWellFormed(text: string): boolean {
  return !LONE.test(text);
}

/** Up to here a loop beats the call into the encoder. */
const SHORT = 128;
const SLICE = 1 << 14;

let encoder: TextEncoder | undefined;
/** Three bytes for each code unit of a slice are always enough. */
let scratch: Uint8Array | undefined;

/** How many bytes the text has in UTF-8, half a surrogate pair counted as U+FFFD. Allocates nothing. */
export function utf8Length(text: string): number {
  return text.length <= SHORT ? count(text) : encode(text);
}

function count(text: string): number {
  let bytes = text.length;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit < 0x80) continue;
    bytes += unit < 0x800 ? 1 : 2;
    // A whole pair is two units and four bytes.
    if (unit >= 0xd800 && unit < 0xdc00) {
      const next = text.charCodeAt(at + 1);
      if (next >= 0xdc00 && next < 0xe000) at += 1;
    }
  }
  return bytes;
}

function encode(text: string): number {
  encoder ??= new TextEncoder();
  scratch ??= new Uint8Array(3 * SLICE);
  if (text.length <= SLICE) return encoder.encodeInto(text, scratch).written;
  let bytes = 0;
  for (let at = 0; at < text.length; ) {
    let end = Math.min(at + SLICE, text.length);
    // Never between the two halves of a pair.
    const last = text.charCodeAt(end - 1);
    if (end < text.length && last >= 0xd800 && last < 0xdc00) end -= 1;
    bytes += encoder.encodeInto(text.substring(at, end), scratch).written;
    at = end;
  }
  return bytes;
}
