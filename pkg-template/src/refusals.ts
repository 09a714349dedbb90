// Why a message was not taken, in the platform's words. It must not decide that.

import { exception } from './errors.js';
import { CLOSED, READ_ONLY } from './sender.js';

/** To the letter, nothing is sent before the open: `what` was called, and `which` thing was not sent. */
export function tooEarly(what: string, which: string): DOMException {
  return exception('InvalidStateError', `${what}: the connection is not open yet; ${which} was not sent`);
}

/** The same for what the engine says of a message. */
export function refused(refusal: number, what: string, which: string): DOMException {
  if (refusal === CLOSED) {
    return exception('InvalidStateError', `${what}: the connection is closed; ${which} was not sent`);
  }
  if (refusal === READ_ONLY) {
    const why = `${what}: the server lets this connection only read; ${which} was not sent`;
    return exception('NotAllowedError', why);
  }
  return exception(
    'QuotaExceededError',
    `${what}: ${which} does not fit into maxQueuedBytes beside what already waits for the connection`,
  );
}
