// What programs ask of a terminal, and which answers are typed into the shell. A program that asked before this
// link was there has had its answer, or waits no more; and of several terminals that show one shell, one answers.
// It must not change what xterm.js does otherwise.

import type { IDisposable, IFunctionIdentifier, Terminal } from '@xterm/xterm';

/** Control sequences that xterm.js, a later version of it or one of its addons answers. */
const CSI: IFunctionIdentifier[] = [
  { final: 'c' }, // device attributes
  { prefix: '>', final: 'c' },
  { prefix: '=', final: 'c' },
  { final: 'n' }, // status, cursor position
  { prefix: '?', final: 'n' },
  { intermediates: '$', final: 'p' }, // modes
  { prefix: '?', intermediates: '$', final: 'p' },
  { final: 't' }, // the window's sizes and titles
  { prefix: '?', final: 'h' }, // focus reports begin with one
  { prefix: '?', final: 'u' }, // the keyboard protocol
  { prefix: '>', final: 'q' }, // the version
  { prefix: '?', final: 'S' }, // graphics
];

/** Settings, and capabilities. */
const DCS: IFunctionIdentifier[] = [
  { intermediates: '$', final: 'q' },
  { intermediates: '+', final: 'q' },
];

/** Colours. */
const OSC = [4, 10, 11, 12];

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
    // The last one that is registered is asked first. False: xterm.js goes on as without it.
    const ask = () => this.#ask();
    this.#handlers = [
      ...CSI.map((id) => parser.registerCsiHandler(id, ask)),
      ...DCS.map((id) => parser.registerDcsHandler(id, ask)),
      ...OSC.map((id) => parser.registerOscHandler(id, ask)),
      parser.registerOscHandler(CLIPBOARD, (data) => !this.#parsesLive && data.endsWith(';?')),
    ];
  }

  /** Whether what the terminal has to say now is an answer that nobody wants. */
  get isMute(): boolean {
    return this.#isMute;
  }

  /** Before a message is written: whether what it asks is to be answered. */
  write(isLive: boolean): void {
    if (this.#writesLive === isLive) return;
    this.#writesLive = isLive;
    this.#terminal.write('', () => (this.#parsesLive = isLive));
  }

  dispose(): void {
    this.#handlers.forEach((handler) => handler.dispose());
  }

  /** xterm.js answers before it parses on; what people type comes in tasks of their own. */
  #ask(): boolean {
    if (!this.#parsesLive && !this.#isMute) {
      this.#isMute = true;
      queueMicrotask(() => (this.#isMute = false));
    }
    return false;
  }
}
