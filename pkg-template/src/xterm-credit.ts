// How much a terminal may be behind with what it was given: the server is told that a message is consumed when
// xterm.js has parsed it, not when it has come. It must not know what is written.

/**
 * With more than this written and not parsed, in bytes (or UTF-16 units), a page that nobody sees is behind. Its timers, by which
 * xterm.js parses, may run once a second, or once a minute.
 */
const BEHIND_BYTES = 128 * 1024;

export class Credit {
  /** What was written and is not parsed. */
  #unparsed = 0;
  /** The page was hidden and behind, and was not seen since. */
  #isStalled = false;
  #isOver = false;
  /** What was not given back yet, in the order of the writes. */
  readonly #held = new Set<() => void>();
  /** Of those, what is parsed. */
  #parsed: (() => void)[] = [];
  readonly #onSeen = () => {
    if (!document.hidden) this.#catchUp();
  };

  /** Notes a message of so many bytes that is written. Returns what is to be called once it is parsed. */
  take(bytes: number, giveBack: () => void): () => void {
    this.#unparsed += bytes;
    this.#held.add(giveBack);
    this.#look();
    return () => {
      this.#unparsed -= bytes;
      if (this.#isStalled) this.#parsed.push(giveBack);
      else this.#giveBack(giveBack);
    };
  }

  /** Gives everything back, now and from now on. */
  dispose(): void {
    this.#isOver = true;
    this.#catchUp();
    for (const giveBack of this.#held) this.#giveBack(giveBack);
  }

  /**
   * Credit by drops would slow the program down to the pace of a page that nobody sees. Without any, the server
   * waits for a while, once, and then goes on alone; whoever looks again is sent the screen as it is by then.
   */
  #look(): void {
    if (this.#isStalled || this.#isOver || this.#unparsed <= BEHIND_BYTES || !document.hidden) return;
    this.#isStalled = true;
    document.addEventListener('visibilitychange', this.#onSeen);
  }

  #catchUp(): void {
    document.removeEventListener('visibilitychange', this.#onSeen);
    this.#isStalled = false;
    const parsed = this.#parsed;
    this.#parsed = [];
    parsed.forEach((giveBack) => this.#giveBack(giveBack));
  }

  #giveBack(giveBack: () => void): void {
    if (this.#held.delete(giveBack)) giveBack();
  }
}
