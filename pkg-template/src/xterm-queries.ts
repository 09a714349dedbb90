// What programs ask of a terminal, and which answers are typed into the shell. A program that asked before this
// link was there has had its answer, or waits no more; and of several terminals that show one shell, one answers.
// It must not change what xterm.js does otherwise.

import type { IDisposable, IFunctionIdentifier, Terminal } from '@xterm/xterm';

/** Control sequences that xterm.js, a later version of it or one of its addons answers, and that do nothing else. */
const QUESTIONS: IFunctionIdentifier[] = [
  { final: 'c' }, // device attributes
  { prefix: '>', final: 'c' },
  { prefix: '=', final: 'c' },
  { final: 'n' }, // status, cursor position
  { prefix: '?', final: 'n' },
  { intermediates: '$', final: 'p' }, // modes
  { prefix: '?', intermediates: '$', final: 'p' },
  { prefix: '?', final: 'u' }, // the keyboard protocol
  { prefix: '>', final: 'q' }, // the version
];

/** The window's state, sizes and titles: what `CSI t` can ask. With other numbers it commands. */
const WINDOW = [11, 13, 14, 15, 16, 18, 19, 20, 21];

/** Settings, and capabilities. */
const DEVICE_QUESTIONS: IFunctionIdentifier[] = [
  { intermediates: '$', final: 'q' },
  { intermediates: '+', final: 'q' },
];

/** What has an effect, and is answered. */
const ANSWERED: IFunctionIdentifier[] = [
  { prefix: '?', final: 'h' }, // focus reports begin with one
  { prefix: '?', final: 'S' }, // graphics
];

/** Colours, which the same sequence asks for and sets. */
const COLOURS = [4, 10, 11, 12];

/** The clipboard, which is not read at once: whoever answers must not begin. */
const CLIPBOARD = 52;

export class Queries {
  readonly #terminal: Terminal;
  readonly #handlers: readonly IDisposable[];
  /** Whether what is written from now on may be answered, and what is being parsed. */
  #writesLive = true;
  #parsesLive = true;
  #isMute = false;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
    const { parser } = terminal;
    // The last one that is registered is asked first. True: xterm.js goes on as if nobody had asked.
    const isOld = () => !this.#parsesLive;
    const mute = () => this.#mute();
    this.#handlers = [
      ...QUESTIONS.map((id) => parser.registerCsiHandler(id, isOld)),
      parser.registerCsiHandler({ final: 't' }, ([what]) => isOld() && WINDOW.includes(what as number)),
      ...DEVICE_QUESTIONS.map((id) => parser.registerDcsHandler(id, isOld)),
      parser.registerOscHandler(CLIPBOARD, (data) => isOld() && data.endsWith(';?')),
      ...ANSWERED.map((id) => parser.registerCsiHandler(id, mute)),
      ...COLOURS.map((id) => parser.registerOscHandler(id, mute)),
    ];
  }

  /** Whether this, which the terminal has to say now, is an answer that nobody wants. */
  isUnwanted(text: string): boolean {
    return this.#isMute && text.startsWith('\x1b');
  }

  /** Before a message is written: whether what it asks is to be answered. */
  write(isLive: boolean): void {
    if (this.#writesLive === isLive) return;
    this.#writesLive = isLive;
    this.#terminal.write('', () => {
      this.#parsesLive = isLive;
      // What comes now may be parsed in the same task.
      if (isLive) this.#isMute = false;
    });
  }

  dispose(): void {
    this.#handlers.forEach((handler) => handler.dispose());
  }

  /** xterm.js answers before it parses on; what people type comes in tasks of their own. */
  #mute(): boolean {
    if (!this.#parsesLive && !this.#isMute) {
      this.#isMute = true;
      queueMicrotask(() => (this.#isMute = false));
    }
    return false;
  }
}
