// What xterm draws with: its palette and options. Kept apart from MUI's theme, which xterm cannot read.

import type { ITerminalOptions } from '@xterm/xterm';
import { MONOSPACE, SURFACES } from './theme';

export const TERMINAL_OPTIONS: ITerminalOptions = {
  fontFamily: MONOSPACE,
  fontSize: 13,
  lineHeight: 1.2,
  cursorBlink: true,
  cursorInactiveStyle: 'outline',
  scrollback: 10_000,
  theme: {
    background: SURFACES.terminal,
    foreground: '#d6dce5',
    cursor: '#e6eaf0',
    cursorAccent: SURFACES.terminal,
    selectionBackground: 'rgba(138, 180, 255, 0.32)',
    scrollbarSliderBackground: 'rgba(148, 163, 184, 0.18)',
    scrollbarSliderHoverBackground: 'rgba(148, 163, 184, 0.32)',
    scrollbarSliderActiveBackground: 'rgba(148, 163, 184, 0.42)',
    black: '#2a3340',
    red: '#f07178',
    green: '#7fcf8a',
    yellow: '#f0c674',
    blue: '#6cb2f7',
    magenta: '#c792ea',
    cyan: '#6fd3d8',
    white: '#cfd6e0',
    brightBlack: '#66758a',
    brightRed: '#ff8f94',
    brightGreen: '#a2e4aa',
    brightYellow: '#ffd98f',
    brightBlue: '#94caff',
    brightMagenta: '#ddb3fa',
    brightCyan: '#97e7ea',
    brightWhite: '#f5f7fa',
  },
};
