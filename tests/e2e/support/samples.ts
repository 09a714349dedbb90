// What programs print on terminals, by kind, and what is none of it.

/** What is printed first, and what goes on from there as if nothing had been in between. */
export interface Sample {
  readonly name: string;
  readonly first: string;
  readonly then: string;
}

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);
const csi = (...sequences: readonly string[]) => sequences.map((sequence) => `\x1b[${sequence}`).join('');

const lines = (count: number, line: (number: number) => string) => numbers(count).map(line).join('');
const bar = (mark: string, part: number) => `[${mark.repeat(part).padEnd(70)}]${csi('0m')} ${part}`;

/** The 16 colours, the 256, and a slice of the sixteen million; before and behind. */
const colours = [38, 48].flatMap((place) => [
  ...numbers(256).map((colour) => `${csi(`${place};5;${colour}m`)}${(colour % 16).toString(16)}`),
  ...numbers(96).map((part) => `${csi(`${place};2;${part * 2};${255 - part};128m`)}*`),
]);
const sixteen = [30, 40, 90, 100].flatMap((base) =>
  numbers(8).map((colour) => `${csi(`${base + colour}m`)}#`),
);

const attributes = numbers(10).flatMap((one) =>
  numbers(10).map((other) => `${csi(`0;${one};${other}m`)}${one}${other}`),
);

/** Wide, combining, from beyond the basic plane, joined, of no width, right to left, and drawn. */
const characters = [
  '日本語の端末 한국어 中文字符',
  'e\u0301 o\u0308\u0304 n\u0303 u\u0308\u0301\u0327 \u25cc\u0300\u0301\u0302',
  '😀 👩‍👩‍👧 🇩🇪 ❤️ 👍🏽 ☎ 𝔘𝔫𝔦 𠜎𠜱',
  'zero\u200bwidth\u200djoined\ufeff soft\u00adhyphen',
  'שלום עולם مرحبا नमस्ते ไทย',
  '┌─┬─┐│ ╔═╗ ▁▂▃▄▅▆▇█ ░▒▓ ⠁⠂⠄⡀⢀',
  '\x1b(0lqqwqqk x  tqqnqqu mqqvqqj\x1b(B',
];

export const SAMPLES: readonly Sample[] = [
  {
    name: 'sixteen, 256 and true colours, in front and behind',
    first:
      `${csi('H', '2J')}${sixteen.join('')}\r\n${colours.join('')}${csi('48;5;52m', 'K')}\r\n` +
      'no plain blank',
    then: ` goes on${csi('3;10H', '5X', '0m')} plain${csi('38:2::1:2:3m')}c\r\n`,
  },
  {
    name: 'every pair of attributes',
    first: `${csi('H', '2J')}${attributes.join('')}${csi('0;1;3;4;7;9;53m')} all of`,
    then: ` them${csi('22;24m')} and fewer${csi('0m')}\r\n`,
  },
  {
    name: 'wide, combining and joined characters',
    first: `${csi('H', '2J')}${characters.join('\r\n')}\r\n${'日本'.repeat(39)}x${'日'.repeat(30)}\r\ne`,
    then: `\u0301 half a wide one${csi('3;2H')}|${csi('1;4H')}|${csi('9;80H')}日\r\n`,
  },
  {
    name: 'lines that are longer than the terminal',
    first:
      `${csi('H', '2J')}${lines(40, (line) => `${line}:${'wrapped '.repeat(line)}\r\n`)}` + '='.repeat(80),
    then: `over the edge${'='.repeat(300)}${csi('?7l')}${'cut off '.repeat(20)}`,
  },
  {
    name: 'margins, an origin of its own, insertions and stops',
    first:
      `${csi('H', '2J')}${lines(24, (line) => `${csi(`${line + 1};1H`)}row ${line}`)}` +
      `${csi('3g', '1;7H')}\x1bH${csi('1;33H')}\x1bH${csi('5;15r', '?6h', '4h', '3;3H')}inserted\x1b7` +
      `${csi('11;1H')}\n\n`,
    then:
      `\n\ta\tb${csi('2L', '1M', '2S', '1T', '4l')}\x1b8saved${csi('3@', '2P')}\x1bM\x1bM\x1bM` +
      `${csi('?6l')}below`,
  },
  {
    name: 'another screen over scrollback, with its own cursor, and the modes of an editor',
    first:
      `${lines(60, (line) => `scrolled ${line}\r\n`)}left` +
      `${csi('?1049h', '?1h', '?2004h', '?1002h', '?1006h')}\x1b=${csi('?25l', '4 q', '2J', '7;7H')}` +
      `the other screen\x1b]2;a title of two wörds\x07${csi('1;31m', '10;20H')}`,
    then: `red${csi('?1049l')} behind${csi('?1002l', '?1l')}\x1b>${csi('?25h')} and after\r\n`,
  },
  {
    name: 'a progress bar on one line',
    first: `${csi('H', '2J')}fetching\r\n${lines(70, (part) => `\r${csi('K', '32m')}${bar('#', part)}`)}`,
    then: `${lines(70, (part) => `\r${csi('33m')}${bar('=', part)}`)}\r\ndone\r\n`,
  },
];

/** Bytes of all kinds in no order, always the same, each a character. Nothing in them is answered. */
export function soup(length: number): string {
  const kinds = [
    'plain text ',
    '\r\n',
    '\t',
    '\0',
    '\x1b[0m',
    '\x1b[1;4m',
    '\x1b[38;5;202m',
    '\x1b[48;2;9;99;199m',
    '\x1b[7;9H',
    '\x1b[2K',
    '\x1b]2;title\x07',
    '\x1b(0lqk\x1b(B',
    '\xff\xfe',
    '\xc3',
    '\xe2\x82',
    '\xf0\x9f\x98',
    '\x80\xbf',
    ...['日本', 'é', 'e\u0301', '…', '“€”', '😀'].map((text) => Buffer.from(text).toString('latin1')),
  ];
  let [made, dice] = ['', 1];
  while (made.length < length) {
    dice = (dice * 1_103_515_245 + 12_345) % 2 ** 31;
    made += kinds[(dice >> 8) % kinds.length];
  }
  return made.slice(0, length);
}
