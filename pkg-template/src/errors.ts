// Errors as the platform has them, so that code written for `WebSocket` knows them. It must not know who
// throws them.

/** A `TypeError` that begins with the argument's name. */
export function typeError(argument: string, must: string): TypeError {
  return new TypeError(`${argument} ${must}`);
}

/** A `DOMException` with one of the platform's names. */
export function exception(name: string, message: string): DOMException {
  return new DOMException(message, name);
}

/**
 * What a `token` function throws, or rejects with, when asking again would be of no use: the connection is then
 * `failed`, with this error's message as the reason. Any other error is a failed attempt, which is retried.
 */
export class PermanentAuthError extends Error {
  override readonly name = 'PermanentAuthError';
}

/** What `ask` rejects with while another question waits for its answer. Nothing was sent. */
export class BusyError extends Error {
  override readonly name = 'BusyError';

  constructor() {
    super('Please wait for the previous response');
  }
}

/** What `ask` rejects with when the server answers with an error, in the server's words. */
export class AnswerError extends Error {
  override readonly name = 'AnswerError';
}

/** Whether it is a {@link PermanentAuthError}, of this copy of the package or of another. */
export function isPermanent(error: unknown): boolean {
  try {
    return (error as Partial<Error> | null)?.name === 'PermanentAuthError';
  } catch {
    // What is thrown may throw.
    return false;
  }
}

/** As the platform reports an exception that a listener threw. Node before 25 has no `reportError`. */
export function report(error: unknown): void {
  try {
    if (typeof reportError === 'function') reportError(error);
    else console.error(error);
  } catch {
    // Pages replace both. What theirs throw has nowhere left to go.
  }
}

/** What an error says, for a reason that people read. Whatever was thrown, it does not throw. */
export function messageOf(error: unknown): string {
  try {
    return String(error instanceof Error || error instanceof DOMException ? error.message : error);
  } catch {
    return 'something was thrown that has no text';
  }
}
