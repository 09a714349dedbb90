// Whether something typed is lost: refused, because it did not fit into what is kept while the link is down (the
// package's addon reports that to the window, and takes no more input until the link is back), or discarded,
// because it had grown too old by then.

import type { ConnectionStatus, Discarded, EnvSocket } from 'envsocket';
import { useEffect, useState } from 'react';

export type LostInput = 'refused' | 'discarded' | null;

/** How long it is worth a line that something was discarded, in ms. */
const NEWS_MS = 10_000;

export function useLostInput(connection: EnvSocket, status: ConnectionStatus): LostInput {
  const [lost, setLost] = useState<LostInput>(null);

  useEffect(() => {
    // Whatever it was refused for is over. What was discarded was so with the very change.
    setLost((lost) => (lost === 'refused' ? null : lost));
    const caught = (event: ErrorEvent) => {
      if (!(event.error instanceof DOMException) || event.error.name !== 'QuotaExceededError') return;
      event.preventDefault();
      setLost('refused');
    };
    window.addEventListener('error', caught);
    return () => window.removeEventListener('error', caught);
  }, [status]);

  useEffect(() => {
    let forget: ReturnType<typeof setTimeout> | undefined;
    const discarded = ({ detail: { reason } }: CustomEvent<Discarded>) => {
      // Whoever may only watch has nothing to lose.
      if (reason === 'read-only') return;
      clearTimeout(forget);
      setLost('discarded');
      forget = setTimeout(() => setLost(null), NEWS_MS);
    };
    connection.addEventListener('discarded', discarded);
    return () => {
      clearTimeout(forget);
      connection.removeEventListener('discarded', discarded);
    };
  }, [connection]);

  return lost;
}
