// Runs the browser tests: `node tests/web/run.mjs [chromium|firefox]... [--page NAME] [--grep TEXT]`.
// The built package must be there. A page that crashes or falls silent fails, with what it was doing.
// Must not: try anything twice.

import { parseArgs } from 'node:util';
import { startServer } from './server/server.mjs';
import { bundle, TEST_PAGES } from './support/bundle.mjs';
import { launch } from './support/launch.mjs';
import { Results } from './support/results.mjs';

/** A page that says nothing for so long is not coming back; the longest test reports its progress. */
const SILENCE_MS = 90_000;

/** Real measurements of memory, wherever the browser offers them. */
const ARGUMENTS = {
  chromium: ['--js-flags=--expose-gc', '--enable-precise-memory-info'],
  firefox: [],
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { page: { type: 'string', multiple: true }, grep: { type: 'string' } },
});
const browsers = positionals.length > 0 ? positionals : Object.keys(ARGUMENTS);
const pages = values.page ?? TEST_PAGES;

let running = null;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => {
    void (running?.close() ?? Promise.resolve()).finally(() => process.exit(130));
  });
}

const files = await bundle(pages);
let failed = 0;
for (const browser of browsers) {
  const results = new Results(browser);
  for (const page of pages) await run(browser, page, results);
  failed += results.summary();
}
process.exit(failed === 0 ? 0 : 1);

/** One page in one browser, to its end or to the end of our patience. */
async function run(browser, page, results) {
  results.begin(page);
  let over;
  const finished = new Promise((resolve) => (over = resolve));
  let patience;
  const hear = (report) => {
    clearTimeout(patience);
    patience = setTimeout(() => over(`said nothing for ${SILENCE_MS / 1_000} s`), SILENCE_MS);
    if (report && results.take(report)) over(null);
  };
  const server = await startServer({ files, onReport: hear });
  const query = new URLSearchParams(values.grep === undefined ? {} : { grep: values.grep });
  hear(null);
  running = await launch(browser, `${server.origin}/${page}?${query}`, {
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
