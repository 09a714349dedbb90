// What `configure({ debug: true })` tells the console and the browser's performance timeline, and never
// otherwise: entries pile up. No token may appear.

import type { Core } from './core.js';
import { report } from './errors.js';
import type { Link } from './link.js';
import { redact } from './url.js';

/** Tells the console of a connection. */
export function trace(link: Link, what: () => string): void {
  if (!link.plan.core.settings.debug) return;
  try {
    console.debug(redact(`envsocket ${name(link)}: ${what()}`));
  } catch (error) {
    // Pages replace the console; theirs must not stop ours.
    report(error);
  }
}

/** Tells the console where an attempt goes, and what came before it. */
export function traceAttempt(link: Link): void {
  trace(link, () => {
    const [, , , reason, attempt] = link.plan.core.engine.row(link.id) ?? [];
    return `attempt ${attempt ?? ''} ${link.url} ${reason ?? ''}`;
  });
}

/** Notes how long the attempt took that has led to an open socket. */
export function traceConnect(link: Link, start: number): void {
  measure(link.plan.core, `envsocket connect ${name(link)}`, start);
}

/** Notes how long something took that began at `start`. */
export function measure(core: Core, what: string, start: number): void {
  if (!core.settings.debug) return;
  try {
    performance.measure(redact(what), { start });
  } catch (error) {
    report(error);
  }
}

function name({ plan, url }: Link): string {
  return plan.pair ? plan.pair.join('-') : url;
}
