// For buttons around the terminal: a click is not to take the keyboard away from the shell.

import type { MouseEvent } from 'react';

/** As onMouseDown: the focus moves then, the click comes later. With keys the button is reached as ever. */
export function keepFocus(event: MouseEvent): void {
  event.preventDefault();
}
