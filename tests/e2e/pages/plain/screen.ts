// A kept terminal over a connection of its own to a server of the resume protocol, and what it is told.

import { Terminal } from '@xterm/xterm';
import { EnvSocket } from 'envsocket';
import { keepTerminal } from 'envsocket/xterm';
import { look, text, type Look } from './look';

/** A gap of the output. */
export interface Missing {
  readonly from: number | null;
  readonly to: number | null;
  readonly snapshot: boolean;
}

export class Screen {
  readonly connection: EnvSocket;
  readonly terminal: Terminal;
  /** What the program has called it. */
  title = '';
  /** Its events that are no messages, and its statuses. */
  readonly told: string[] = [];
  readonly gaps: Missing[] = [];
  /** How many entries of the output it was given, pictures included. */
  entries = 0;
  readonly #host = document.createElement('div');
  readonly #unmount: () => void;
  /** All that came since it was asked to forget. */
  #heard: Uint8Array<ArrayBuffer>[] = [];

  /** Begins to connect, and is shown below what is on the page. */
  constructor(url: string, size: { readonly cols: number; readonly rows: number }) {
    const backoff = { baseMs: 20, capMs: 200 };
    this.connection = new EnvSocket(url, [], { protocol: 'require', backoff });
    const kept = keepTerminal(this.connection, () => new Terminal(size));
    this.terminal = kept.terminal;
    this.terminal.onTitleChange((title) => (this.title = title));
    const { connection, told } = this;
    connection.addEventListener('message', ({ data }: MessageEvent<ArrayBuffer>) => {
      this.entries += 1;
      this.#heard.push(new Uint8Array(data));
    });
    connection.addEventListener('size', () => (this.entries += 1));
    connection.addEventListener('statuschange', ({ detail }) => told.push(detail.status));
    connection.addEventListener('open', () => told.push('open'));
    connection.addEventListener('close', ({ code }) => told.push(`close ${code}`));
    connection.addEventListener('discarded', ({ detail }) => told.push(`discarded: ${detail.reason}`));
    connection.addEventListener('gap', ({ detail: { direction, from, to, reason, snapshot } }) => {
      told.push(`gap ${direction}: ${reason}`);
      if (direction === 'in') this.gaps.push({ from, to, snapshot });
    });
    document.body.append(this.#host);
    this.#unmount = kept.mount(this.#host);
  }

  /** Everything of it, once all that came is written. */
  async look(): Promise<Look & { readonly title: string }> {
    await this.#written();
    return { ...look(this.terminal), title: this.title };
  }

  async text(): Promise<string> {
    await this.#written();
    return text(this.terminal);
  }

  /** As its place on the page would do it. */
  resize(cols: number, rows: number): void {
    this.terminal.resize(cols, rows);
  }

  /** Writes what no program has printed. */
  write(bytes: string): void {
    this.terminal.write(bytes);
  }

  forget(): void {
    this.#heard = [];
  }

  /** All that came since then, each byte a character. */
  heard(): string {
    return this.#heard.map((part) => Array.from(part, (byte) => String.fromCharCode(byte)).join('')).join('');
  }

  /** As a page is closed. */
  leave(): void {
    this.connection.close();
    this.#unmount();
    this.#host.remove();
  }

  #written(): Promise<void> {
    return new Promise((written) => this.terminal.write('', written));
  }
}
