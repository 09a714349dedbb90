// Takes a browser to a page of tests and stays until its last report.
// Must not: try anything twice. A page that crashes or falls silent fails, with what it was doing.

import { launch } from './launch.mjs';

/** A page that says nothing for so long is not coming back; the longest test reports its progress. */
const SILENCE_MS = 90_000;

/** Real measurements of memory, wherever the browser offers them. */
const ARGUMENTS = {
  chromium: ['--js-flags=--expose-gc', '--enable-precise-memory-info'],
  firefox: [],
};

/** The browsers by name, in the order in which they are tried. */
export const BROWSERS = Object.keys(ARGUMENTS);

let running = null;

/** A signal ends the browser first, and then this process. */
export function endOnSignals() {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.once(signal, () => {
      void (running?.close() ?? Promise.resolve()).finally(() => process.exit(130));
    });
  }
}

/**
 * One page in one browser, to its end or to the end of our patience.
 *
 * @param {string} browser
 * @param {string} page its path, without the slash
 * @param {{ results: import('./results.mjs').Results, query: Record<string, string>,
 *           serve: (onReport: (report: any) => void) => Promise<{ origin: string, close(): void }> }} options
 */
export async function visit(browser, page, { results, query, serve }) {
  results.begin(page);
  let over;
  const finished = new Promise((resolve) => (over = resolve));
  let patience;
  const hear = (report) => {
    clearTimeout(patience);
    patience = setTimeout(() => over(`said nothing for ${SILENCE_MS / 1_000} s`), SILENCE_MS);
    if (report && results.take(report)) over(null);
  };
  const server = await serve(hear);
  hear(null);
  running = await launch(browser, `${server.origin}/${page}?${new URLSearchParams(query)}`, {
    extraArgs: ARGUMENTS[browser],
    onExit: (how) => over(how),
  });
  const broken = await finished;
  clearTimeout(patience);
  await running.close();
  running = null;
  server.close();
  if (broken !== null) results.broke(broken);
}
