// What can be seen of an xterm.js, as lines of text to compare.

import type { IBuffer, IBufferCell, IBufferLine, Terminal } from '@xterm/headless';

/** Colours, then the attributes that are on. */
function looks(cell: IBufferCell): string {
  const on = [
    ['bold', cell.isBold()],
    ['dim', cell.isDim()],
    ['italic', cell.isItalic()],
    ['underline', cell.isUnderline()],
    ['blink', cell.isBlink()],
    ['inverse', cell.isInverse()],
    ['hidden', cell.isInvisible()],
    ['strikeout', cell.isStrikethrough()],
    ['overline', cell.isOverline()],
  ] as const;
  const attributes = on.filter(([, set]) => set).map(([name]) => name);
  const colors = [cell.getFgColorMode(), cell.getFgColor(), cell.getBgColorMode(), cell.getBgColor()];
  return [...colors, ...attributes].join(' ');
}

function row(line: IBufferLine, cols: number, waiting: boolean): string {
  const cells: string[] = [];
  let wide = false;
  for (let col = 0; col < cols; col++) {
    const cell = line.getCell(col)!;
    const [chars, width] = [cell.getChars(), cell.getWidth()];
    // Three things cannot be drawn: no character where the cursor waits to wrap, half of a wide character at the
    // edge, torn by a narrower window, and a second half without a first. They are drawn as a space or a blank.
    const edge = col === cols - 1 && (waiting ? chars === '' : width === 2);
    const orphan = chars === '' && width === 0 && !wide;
    cells.push(`${edge ? ' |1' : `${chars}|${orphan ? 1 : width}`}|${looks(cell)}`);
    wide = width === 2;
  }
  return `${line.isWrapped ? '+' : ''}${cells.join('\n  ')}`;
}

function buffer(shown: IBuffer, cols: number): string[] {
  const lines = [
    `${shown.type} ${shown.cursorX},${shown.cursorY} of ${shown.baseY}+${shown.length - shown.baseY}`,
  ];
  for (let y = 0; y < shown.length; y++) {
    const waiting = shown.cursorX === cols && y === shown.baseY + shown.cursorY;
    lines.push(`${y}: ${row(shown.getLine(y)!, cols, waiting)}`);
  }
  return lines;
}

/** Whether the cursor waits to wrap behind a cell without a character. */
export function waitsBehindNothing({ buffer: { active }, cols }: Terminal): boolean {
  const line = active.getLine(active.baseY + active.cursorY);
  return active.cursorX === cols && line?.getCell(cols - 1)?.getChars() === '';
}

/** Both buffers, the cursor and the modes. */
export function stateOf(terminal: Terminal): string[] {
  const { active, normal } = terminal.buffer;
  const lines = [`${terminal.cols}x${terminal.rows} ${JSON.stringify(terminal.modes)}`];
  lines.push(...buffer(normal, terminal.cols));
  if (active.type === 'alternate') lines.push(...buffer(active, terminal.cols));
  return lines;
}

/** The first line in which they differ, from both. */
export function difference(one: string[], other: string[]): [string?, string?] | null {
  for (let at = 0; at < Math.max(one.length, other.length); at++) {
    if (one[at] !== other[at]) return [one[at], other[at]];
  }
  return null;
}
