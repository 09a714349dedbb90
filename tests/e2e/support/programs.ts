// Programs that take the whole terminal, and what is typed into them: those of Debian's packages vim, less
// and htop.

/** What is typed, and what shows then. */
export type Step = readonly [keys: string, text: string];

export interface Program {
  readonly name: string;
  /** How it is started on a file, and what shows then. */
  readonly start: (file: string) => Step;
  /** What takes it further. */
  readonly steps: readonly Step[];
  /** One more, for those who came in between. */
  readonly more: Step;
  readonly quit: string;
}

/** Of all kinds, and longer than any terminal. */
export const LINES = Array.from({ length: 300 }, (_, index) => {
  const kinds = [
    'a plain line',
    'a wide one: 端末',
    'a cafe\u0301',
    `a long one: ${'and on '.repeat(30)}`,
    '\ta tab',
  ];
  return `line ${index + 1}, ${kinds[index % kinds.length]}\n`;
}).join('');

export const PROGRAMS: readonly Program[] = [
  {
    name: 'vim',
    start: (file) => [`vim -Nu NONE -i NONE +'set title ruler' ${file}\n`, 'line 1,'],
    steps: [
      [':set number hlsearch\r', '  1 line 1,'],
      [':vsplit\r:split\r', '|  1 line 1,'],
      ['/wide\r150Gzt', '150 line 150,'],
      ['Otyped 日本\x1b', 'typed'],
    ],
    more: ['u:only\r200Gzb', 'line 200,'],
    quit: ':qa!\r',
  },
  {
    name: 'less',
    start: (file) => [`LESSHISTFILE=- less -RM ${file}\n`, 'line 1,'],
    steps: [
      ['30g', 'line 30,'],
      ['/long\r100g', 'line 100,'],
      ['-S\r', 'line 120,'],
      ['G', '(END)'],
      ['150g', 'line 150,'],
    ],
    more: ['bb', 'line 110,'],
    quit: 'q',
  },
  {
    name: 'htop',
    // Its own redraws come every ten seconds; those below when they are asked for. It begins without the settings
    // that it wrote when it was quit.
    start: (file) => [`rm -f ${file}.rc; HTOPRC=${file}.rc htop --delay=100\n`, 'F10Quit'],
    steps: [
      ['h', 'strace'],
      [' ', 'F10Quit'],
      ['tII', 'F5List'],
      ['\x1bOB\x1bOB\x1bOB\x1bOC\x1bOC', 'F5List'],
    ],
    more: ['t', 'F5Tree'],
    quit: 'q',
  },
];
