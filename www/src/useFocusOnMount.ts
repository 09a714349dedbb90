// Gives the keyboard to an element when it appears. Not `autoFocus`: under StrictMode, React runs effects
// twice, and MUI's focus trap takes its first end for the end of the dialog and gives the focus away.

import { useEffect, useRef, type RefObject } from 'react';

export function useFocusOnMount<E extends HTMLElement>(isWanted = true): RefObject<E | null> {
  const element = useRef<E>(null);
  const wanted = useRef(isWanted);
  useEffect(() => {
    if (wanted.current) element.current?.focus();
  }, []);
  return element;
}
