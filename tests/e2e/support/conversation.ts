// Whole conversations with `fault-program echo`, from the first connection to the shell's end, over links that
// end as planned; and what an application is told of them.

import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { MOST_ENVIRONMENTS, OwnServer } from './own-server';
import type { Cut, Proxy, Tally } from './proxy';
import type { Rig } from './rig';

/** One conversation, from all sides. */
export interface Account {
  /** What the page heard, each byte a character. */
  readonly heard: string;
  /** What it was told besides: its events that are no messages, and its statuses. */
  readonly told: readonly string[];
  /** What the shell has written into its file: a line for each time that one was started. */
  readonly started: string;
  /** What the proxy saw. */
  readonly seen: Pick<Tally, 'begun' | 'cut' | 'up' | 'down'>;
}

/** What the page says, each byte a character: text, text that looks like a control frame, and bytes. */
const SAYINGS = [
  { kind: 'text', bytes: 'one;' },
  { kind: 'text', bytes: '\0{two};' },
  { kind: 'bytes', bytes: '\xff\0three;' },
] as const;

type Saying = (typeof SAYINGS)[number];

/** What a page hears of a whole conversation. */
export const ECHO = `ready${SAYINGS.map(({ bytes }) => bytes).join('')}`;

/** An environment that nobody has used yet. */
interface Place {
  readonly server: OwnServer;
  readonly index: number;
  /** Its shell's file. */
  readonly file: string;
}

/** Hands out environments, one for each conversation: a shell that was started twice shows in its file. */
export class Places {
  readonly #rig: Rig;
  #server: Promise<OwnServer> | undefined;
  #files: readonly string[] = [];
  #used = 0;

  constructor(rig: Rig) {
    this.#rig = rig;
  }

  async next(): Promise<Place> {
    if (this.#server === undefined || this.#used === this.#files.length) {
      this.#files = Array.from({ length: MOST_ENVIRONMENTS }, () => this.#rig.file());
      this.#server = this.#rig.server(this.#files.map((file) => ['echo', file]));
      this.#used = 0;
    }
    const [server, index, file] = [this.#server, this.#used, this.#files[this.#used]!];
    this.#used += 1;
    return { server: await server, index, file };
  }
}

/** Has one conversation through a proxy that no other goes through, over links that end as planned. */
export async function converse(
  page: Page,
  proxy: Proxy,
  place: Place,
  cuts: readonly Cut[],
): Promise<Account> {
  const { project, env } = OwnServer.pair(place.index);
  const url = proxy.socketUrl.replace('{project}', project).replace('{env}', env);
  await proxy.retarget(place.server.host);
  for (const cut of cuts) await proxy.plan(cut);
  const before = await proxy.tally();
  const { heard, told } = await page.evaluate(talk, [url, SAYINGS] as const);
  const after = await proxy.idle();
  const seen = {
    begun: after.begun - before.begun,
    cut: after.cut - before.cut,
    up: after.up - before.up,
    down: after.down - before.down,
  };
  return { heard, told, started: await readFile(place.file, 'utf8'), seen };
}

/** Runs in the page, so it uses nothing from outside itself. */
async function talk([url, sayings]: readonly [string, readonly Saying[]]): Promise<
  Pick<Account, 'heard' | 'told'>
> {
  const connection = new window.bare.EnvSocket(url, [], {
    protocol: 'require',
    backoff: { baseMs: 1, capMs: 20 },
  });
  connection.binaryType = 'arraybuffer';
  const told: string[] = [];
  let [heard, isOver] = ['', false];
  let look = () => {};
  const until = (what: string, isSo: () => boolean) =>
    new Promise<void>((resolve, reject) => {
      const late = () =>
        reject(new Error(`waited too long for ${what}, after "${heard}" and ${told.join(', ')}`));
      const patience = setTimeout(late, 30_000);
      look = () => {
        if (!isSo() && !isOver) return;
        clearTimeout(patience);
        resolve();
      };
      look();
    });
  const tell = (what: string) => {
    told.push(what);
    look();
  };
  connection.addEventListener('message', ({ data }: MessageEvent<ArrayBuffer>) => {
    heard += String.fromCharCode(...new Uint8Array(data));
    look();
  });
  connection.addEventListener('statuschange', ({ detail }) => tell(detail.status));
  connection.addEventListener('open', () => tell('open'));
  connection.addEventListener('error', () => tell('error'));
  connection.addEventListener('gap', ({ detail: { direction, reason } }) =>
    tell(`gap ${direction}: ${reason}`),
  );
  connection.addEventListener('discarded', ({ detail }) => tell(`discarded: ${detail.reason}`));
  connection.addEventListener('close', ({ code, wasClean }) => {
    isOver = true;
    tell(wasClean ? `close ${code}` : `close ${code}, not clean`);
  });

  let expected = 'ready'.length;
  await until('"ready"', () => heard.length >= expected);
  for (const { kind, bytes } of sayings) {
    if (isOver) return { heard, told };
    // Each once the one before it was echoed, so that every conversation has the same bytes.
    connection.send(kind === 'text' ? bytes : Uint8Array.from(bytes, (character) => character.charCodeAt(0)));
    expected += bytes.length;
    await until(JSON.stringify(bytes), () => heard.length >= expected);
  }
  if (!isOver) connection.send('q');
  await until('the close', () => isOver);
  return { heard, told };
}
