// The server's screen beside the real xterm.js: a terminal that is fed what the server draws in the middle of a
// program's output, and then the rest of it, must equal one that was never cut, cell for cell.

import { spawnSync } from 'node:child_process';
import { beforeAll, expect, test } from 'vitest';
import headless from '@xterm/headless';

import { dice, prose, soup } from './screen-soup.js';
import { difference, stateOf, waitsBehindNothing } from './screen-state.js';

interface Case {
  name: string;
  size: [cols: number, rows: number];
  /** Output, and new sizes in between. */
  head: (string | [cols: number, rows: number])[];
  rest: string;
}

const SERVER = ['run', '--quiet', '--package', 'envsocket-server', '--example', 'screen'];

/** What the server draws after each case's head: all in one process, by its example program. */
function draw(cases: Case[]): Buffer[] {
  const commands = cases.flatMap(({ size, head }) => [
    `new ${size.join(' ')}`,
    ...head.map((step) =>
      typeof step === 'string' ? `feed ${Buffer.from(step).toString('hex')}` : `resize ${step.join(' ')}`,
    ),
    'draw',
  ]);
  const run = spawnSync('cargo', SERVER, { input: `${commands.join('\n')}\n`, maxBuffer: 1 << 28 });
  expect(run.status, run.stderr.toString()).toBe(0);
  const lines = run.stdout.toString().split('\n').slice(0, -1);
  expect(lines).toHaveLength(cases.length);
  return lines.map((line) => Buffer.from(line, 'hex'));
}

class Viewer {
  readonly terminal: headless.Terminal;
  readonly answers: string[] = [];

  constructor([cols, rows]: [number, number]) {
    this.terminal = new headless.Terminal({ cols, rows, allowProposedApi: true, logLevel: 'off' });
    this.terminal.onData((data) => this.answers.push(data));
    this.terminal.onBell(() => this.answers.push('bell'));
  }

  write(output: string | Uint8Array): Promise<void> {
    return new Promise((resolve) => this.terminal.write(output, resolve));
  }
}

/** Where the terminal that was cut differs: right after the drawing, or after the rest. */
async function compare({ size, head, rest }: Case, drawing: Buffer): Promise<unknown> {
  const whole = new Viewer(size);
  for (const step of head) {
    if (typeof step === 'string') await whole.write(step);
    else whole.terminal.resize(...step);
  }
  const cut = new Viewer([whole.terminal.cols, whole.terminal.rows]);
  await cut.write(drawing);
  expect(cut.answers).toEqual([]);
  const then = difference(stateOf(whole.terminal), stateOf(cut.terminal));
  // The space that was drawn there may come to light.
  const further = waitsBehindNothing(whole.terminal) ? '' : rest;
  await whole.write(further);
  await cut.write(further);
  const afterwards = difference(stateOf(whole.terminal), stateOf(cut.terminal));
  whole.terminal.dispose();
  cut.terminal.dispose();
  return then ?? afterwards;
}

async function expectSame(cases: Case[]): Promise<void> {
  const drawings = draw(cases);
  for (const [at, one] of cases.entries()) {
    const context = `${one.name}: ${JSON.stringify(one)}\ndrawn as ${JSON.stringify(drawings[at]!.toString())}`;
    expect(await compare(one, drawings[at]!), context).toBeNull();
  }
}

/** Cut after each character, in steps. */
function cutEverywhere(name: string, output: string, size: [number, number], step: number): Case[] {
  const characters = [...output];
  const cuts = Array.from({ length: Math.ceil(characters.length / step) + 1 }, (_, at) => at * step);
  return cuts.map((at) => ({
    name: `${name}, cut at ${at}`,
    size,
    head: [characters.slice(0, at).join('')],
    rest: characters.slice(at).join(''),
  }));
}

const EDITOR =
  '$ vim a\r\n\x1b[?1049h\x1b[22;0;0t\x1b[?1h\x1b=\x1b[?2004h\x1b[?1002h\x1b[?1006h\x1b[1;9r\x1b[H\x1b[2J\x1b[?25l' +
  '\x1b[33m  1 \x1b[m\x1b[1;32mfn\x1b[0m main() {\r\n' +
  '\x1b[33m  2 \x1b[m    日本語 \x1b[38;2;9;8;7;48;5;17me\u0301\x1b[m\x1b[K' +
  '\r\n\x1b[94m~\x1b[m\x1b[K\x1b[10;1H\x1b[7m a [+]\x1b[K\x1b[27m\x1b[2;5H\x1b[?25h\x1b[4 q' +
  '\x1b[L\x1b[mx\x1b[1;5r\x1b[5;1H\n\x1b[r' +
  '\x1b[?25l\x1b[10;1H\x1b[K:q\r\x1b[?2004l\x1b[?1l\x1b>\x1b[?1002l\x1b[?1006l\x1b[?25h\x1b[?1049l\x1b[23;0;0t$ ';
const PAGER =
  `$ less a\r\n\x1b[?1049h\x1b[?1h\x1b=\r${'a line of the file\r\n'.repeat(9)}:\x1b[K\r\x1b[KAnother\r\n` +
  ':\x1b[K\r\x1bM\x1b[H\x1bMback\r\x1b[10;1H\x1b[7m(END)\x1b[27m\x1b[K\r\x1b[K\x1b[?1l\x1b>\x1b[?1049l$ ';
const MONITOR = Array.from(
  { length: 6 },
  (_, at) =>
    `\x1b[H\x1b[?25l\x1b[30;46mCPU\x1b[m[\x1b[32m${'|'.repeat(at)}\x1b[31m|\x1b[m]\x1b[K\x1b[3;1H` +
    `\x1b[7mPID\x1b[K\x1b[m\x1b[${4 + at};1H${at}\x1b[9C\x1b[1m日\x1b[m\x1b[J`,
).join('');
const PROGRESS =
  Array.from({ length: 9 }, (_, at) => `\r\x1b[32m${at}0%\x1b[m [${'#'.repeat(at * 3)}\x1b[K`).join('') +
  '\r\n';
const COLORS =
  Array.from({ length: 40 }, (_, at) => `\x1b[38;5;${at * 6}m█\x1b[48;2;${at};${at * 3};${at * 6}m▒`).join(
    '',
  ) + '\x1b[m\r\n';
const UNICODE =
  '日本語 한국어 e\u0301a\u0302\u0303 😀👩\u200d👩\u200d👧 🇩🇪 ☃\ufe0f ─│┌┐ …“x” ﷽ ẞ '.repeat(4) + '\r\n';

beforeAll(() => {
  expect(spawnSync('cargo', ['build', ...SERVER.slice(1)]).status, 'the example is built').toBe(0);
}, 600_000);

test.each([
  ['an editor', EDITOR],
  ['a pager', PAGER],
  ['a monitor', MONITOR],
  ['a progress bar', PROGRESS],
  ['colours', COLORS],
  ['wide, combining and other characters', UNICODE],
])(
  '%s goes on as if it was never cut',
  async (name, output) => {
    await expectSame(cutEverywhere(name, output, [20, 10], 3));
  },
  120_000,
);

test('scrollback is restored, up to its bound', async () => {
  const lines = (from: number, to: number): string =>
    Array.from(
      { length: to - from },
      (_, at) => `\x1b[3${at % 8}m${from + at} ${'long '.repeat(at % 9)}\x1b[m\r\n`,
    ).join('');
  await expectSame([
    { name: 'a little', size: [20, 5], head: [lines(0, 50)], rest: lines(50, 60) },
    { name: 'as much as is kept, and more', size: [20, 5], head: [lines(0, 1500)], rest: lines(1500, 1600) },
  ]);
}, 120_000);

test('output without sense goes on as if it was never cut', async () => {
  const cases = Array.from({ length: 600 }, (_, seed): Case => {
    const from = dice(seed + 1);
    const size: [number, number] = [from.pick([3, 5, 10, 20, 40]), from.pick([2, 3, 5, 8])];
    return { name: `seed ${seed + 1}`, size, head: [soup(from, 5 + from.below(80))], rest: soup(from, 20) };
  });
  await expectSame(cases);
}, 120_000);

test('lines are wrapped anew at another size as xterm.js does it', async () => {
  const cases = Array.from({ length: 600 }, (_, seed): Case => {
    const from = dice(seed + 1);
    const size = (): [number, number] => [from.pick([3, 4, 5, 8, 10, 20]), from.pick([2, 3, 4, 6])];
    const [before, after] = [size(), size()];
    const head = [prose(from, from.below(30)), after, 'x'];
    return { name: `seed ${seed + 1}`, size: before, head, rest: prose(from, 5) };
  });
  await expectSame(cases);
}, 120_000);

test('every character is as wide as in xterm.js', async () => {
  const skipped = (code: number): boolean => code === 0xfeff || (code >= 0xd800 && code < 0xe000);
  const ranges: [number, number][] = [
    [0xa0, 0x20100],
    [0x2ff00, 0x30100],
    [0x3ff00, 0x40000],
    [0xe0000, 0xe0200],
  ];
  const output = ranges.flatMap(([from, to]) => {
    const codes = Array.from({ length: to - from }, (_, at) => from + at).filter((code) => !skipped(code));
    return codes.map((code) => `a${String.fromCodePoint(code)}${code % 24 === 0 ? '\r\n' : ''}`);
  });
  const size: [number, number] = [80, 24];
  const pages = Array.from({ length: Math.ceil(output.length / 20_000) }, (_, page): Case => {
    const head = [output.slice(page * 20_000, (page + 1) * 20_000).join('')];
    return { name: `page ${page}`, size, head, rest: 'x' };
  });
  await expectSame(pages);
}, 300_000);
