// Characters that are cut between two messages. xterm.js 6.0.0 forgets one that it gets in two parts if a byte of the
// first, but for its first, is 0x80, as in the ellipsis (Utf8ToUtf32.decode takes it for the end of what it kept). It
// must not know what a terminal is.

const NOTHING = new Uint8Array();

/** Keeps the beginning of a character until the rest is there. */
export class Characters {
  #begun: Uint8Array = NOTHING;

  /** What is to be written once this has come: whole characters, and what is none. */
  take(bytes: Uint8Array): Uint8Array {
    let all = bytes;
    if (this.#begun.length > 0) {
      all = new Uint8Array(this.#begun.length + bytes.length);
      all.set(this.#begun);
      all.set(bytes, this.#begun.length);
    }
    const end = all.length - unfinished(all);
    // A copy: of a view, the whole message would stay.
    this.#begun = all.slice(end);
    return all.subarray(0, end);
  }

  /** What comes next goes on from nothing. */
  forget(): void {
    this.#begun = NOTHING;
  }
}

/** How many of the last bytes are the beginning of a character. */
function unfinished(bytes: Uint8Array): number {
  for (let count = 1; count <= 3 && count <= bytes.length; count += 1) {
    const byte = bytes[bytes.length - count]!;
    const isContinuation = (byte & 0xc0) === 0x80;
    if (!isContinuation) return count < lengthOf(byte) ? count : 0;
  }
  return 0;
}

/** Of the character that begins with this byte; 1 for what begins none that is longer. */
function lengthOf(first: number): number {
  if (first < 0xc0 || first >= 0xf8) return 1;
  if (first < 0xe0) return 2;
  return first < 0xf0 ? 3 : 4;
}
