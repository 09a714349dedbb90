// All that can be seen of a terminal, as text that is easy to compare: every cell of both buffers with what
// lies above them, the cursors, the modes. Must not change the terminal.

import type { IBuffer, IBufferCell, IBufferLine, Terminal } from '@xterm/xterm';

/** One of a terminal's two buffers. */
interface Side {
  /** Its column, and its row counted from the first one of the buffer. */
  readonly cursor: string;
  readonly above: number;
  /** A row each, as `row` writes it. */
  readonly rows: readonly string[];
}

export interface Look {
  readonly size: string;
  readonly shown: 'normal' | 'alternate';
  readonly modes: Terminal['modes'];
  readonly normal: Side;
  readonly alternate: Side;
}

export function look(terminal: Terminal): Look {
  const { buffer, cols, rows, modes } = terminal;
  return {
    size: `${cols} x ${rows}`,
    shown: buffer.active.type,
    modes: { ...modes },
    normal: side(buffer.normal, buffer.active.getNullCell()),
    alternate: side(buffer.alternate, buffer.active.getNullCell()),
  };
}

/** What the terminal shows, without colours; lines that were broken are whole. */
export function text(terminal: Terminal): string {
  const { active } = terminal.buffer;
  let text = '';
  for (let row = 0; row < active.length; row += 1) {
    const line = active.getLine(row)!;
    text += line.isWrapped || row === 0 ? '' : '\n';
    text += line.translateToString(!active.getLine(row + 1)?.isWrapped);
  }
  return text.trimEnd();
}

function side(buffer: IBuffer, cell: IBufferCell): Side {
  const rows = Array.from({ length: buffer.length }, (_, at) => row(buffer.getLine(at)!, cell));
  return {
    cursor: `${buffer.cursorX}, ${buffer.baseY + buffer.cursorY}`,
    above: buffer.baseY,
    rows,
  };
}

/**
 * The cells from left to right, with `{…}` where what they look like changes, `␀` for one that nothing was
 * written to and `»` after one that is two wide. Plain cells without anything at the end are left out.
 */
function row(line: IBufferLine, cell: IBufferCell): string {
  let [written, before, plainEnd] = ['', PLAIN, 0];
  for (let column = 0; column < line.length; column += 1) {
    line.getCell(column, cell);
    if (cell.getWidth() === 0) continue;
    const style = styleOf(cell);
    if (style !== before) written += `{${style}}`;
    before = style;
    written += cell.getChars() || '␀';
    if (cell.getWidth() === 2) written += '»';
    if (style !== PLAIN || cell.getChars() !== '') plainEnd = written.length;
  }
  return `${line.isWrapped ? '↪' : ''}${written.slice(0, plainEnd)}`;
}

const PLAIN = '';

function styleOf(cell: IBufferCell): string {
  const is = [
    [cell.isBold(), 'bold'],
    [cell.isDim(), 'dim'],
    [cell.isItalic(), 'italic'],
    [cell.isUnderline(), 'underline'],
    [cell.isBlink(), 'blink'],
    [cell.isInverse(), 'inverse'],
    [cell.isInvisible(), 'invisible'],
    [cell.isStrikethrough(), 'strikethrough'],
    [cell.isOverline(), 'overline'],
    [!cell.isFgDefault(), `fg ${cell.getFgColorMode() >> 24}:${cell.getFgColor().toString(16)}`],
    [!cell.isBgDefault(), `bg ${cell.getBgColorMode() >> 24}:${cell.getBgColor().toString(16)}`],
  ] as const;
  return is.flatMap(([holds, name]) => (holds ? [name] : [])).join(' ');
}
