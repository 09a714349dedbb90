// Whether something typed was refused because it did not fit into what is kept while the link is down. The
// package's addon reports that to the window, and takes no more input until the link is back.

import type { ConnectionStatus } from 'envsocket';
import { useEffect, useState } from 'react';

export type Input = 'kept' | 'refused';

/** Begins anew with every change of the status. */
export function useRefusedInput(status: ConnectionStatus): Input {
  const [input, setInput] = useState<Input>('kept');

  useEffect(() => {
    setInput('kept');
    const caught = (event: ErrorEvent) => {
      if (!(event.error instanceof DOMException) || event.error.name !== 'QuotaExceededError') return;
      event.preventDefault();
      setInput('refused');
    };
    window.addEventListener('error', caught);
    return () => window.removeEventListener('error', caught);
  }, [status]);

  return input;
}
