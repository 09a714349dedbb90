// The page's line to the Node runner.

/** URLs of the servers, each with an address of its own. */
export interface Servers {
  /** Knows nothing of envsocket, and costs as little as it can. */
  readonly lean: readonly string[];
  /** The server library, over sources that understand the same commands. */
  readonly library: readonly string[];
}

/** Resolves when the runner has it: nothing is sent while something is measured. */
export async function tell(what: 'progress' | 'done' | 'failed', text: string): Promise<void> {
  await fetch(`/${what}`, { method: 'POST', body: text });
}

// An error in a listener or a frame would otherwise only show as something that never arrives.
export function tellErrorsOf(realm: Window): void {
  realm.addEventListener('error', ({ message, error }) => void tell('failed', String(error?.stack ?? message)));
  realm.addEventListener('unhandledrejection', ({ reason }) => {
    void tell('failed', String(reason?.stack ?? reason));
  });
}

tellErrorsOf(window);
