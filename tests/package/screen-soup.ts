// Terminal output without sense, from dice that fall the same each time. What is known to be beyond restoring
// (docs/TERMINALS.md) is left out.

const TEXT = [
  'x',
  'hello ',
  'abcdefghij',
  '日本語',
  '한',
  'e\u0301',
  'a\u0302\u0303',
  '👩\u200d👩',
  '─',
  '…',
  '~#|',
  '\r\n',
  '\t',
];
const SGR = [
  '',
  '1',
  '2',
  '3',
  '4',
  '5',
  '7',
  '8',
  '9',
  '31',
  '42',
  '97',
  '104',
  '38;5;99',
  '48;5;9',
  '48;2;1;2;3',
  '22',
  '24',
  '39',
  '49',
  '53',
];
const MODES = ['1', '6', '25', '45', '66', '1000', '1002', '1006', '1049', '2004', '2026'];
const OTHER = [
  '\x1b7',
  '\x1bM',
  '\x1bD',
  '\x1bE',
  '\x1bH',
  '\x1b[3g',
  '\x1b(0',
  '\x1b(B',
  '\x0e',
  '\x0f',
  '\x1b)0',
  '\x1b[4h',
  '\x1b[4l',
  '\x1b]2;t\x07',
  '\x1b[!p',
];
const NUMBERS = ['', '1', '2', '3', '5', '9', '30'];

export interface Dice {
  below(n: number): number;
  pick<T>(from: readonly T[]): T;
}

export function dice(seed: number): Dice {
  let state = Math.imul(seed, 0x9e3779b1) >>> 0 || 1;
  const below = (n: number): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % n;
  };
  for (let warm = 0; warm < 8; warm++) below(2);
  return { below, pick: (from) => from[below(from.length)]! };
}

function token({ below, pick }: Dice): string {
  const kind = below(20);
  if (kind < 8) return pick(TEXT);
  if (kind < 11) {
    const last = pick([...'ABCDGJKLMPSTX@db']);
    return `\x1b[${last === 'J' ? pick(['', '0', '2']) : pick(NUMBERS)}${last}`;
  }
  if (kind < 13) return `\x1b[${pick(NUMBERS)};${pick(NUMBERS)}H`;
  if (kind < 16) return `\x1b[${pick(SGR)}m`;
  if (kind < 17) return `\x1b[${pick(NUMBERS)};${pick(NUMBERS)}r`;
  if (kind < 19) return `\x1b[?${pick(MODES)}${pick(['h', 'l'])}`;
  return pick(OTHER);
}

/** Some output. */
export function soup(from: Dice, tokens: number): string {
  return Array.from({ length: tokens }, () => token(from)).join('');
}

/** Lines of text, narrow and wide, to be wrapped anew. */
export function prose(from: Dice, pieces: number): string {
  const words = [
    'abcdefgh',
    'xy ',
    '日本',
    'é',
    '한글 ab',
    '\r\n',
    '\r\n',
    '\x1b[A',
    '\x1b[42m',
    '\x1b[m',
    '\x1b[K',
    '\r',
  ];
  return Array.from({ length: pieces }, () => from.pick(words)).join('');
}
