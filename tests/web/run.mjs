// Runs the browser tests: `node tests/web/run.mjs [chromium|firefox]... [--page NAME] [--grep TEXT]`.
// The built package must be there.
// Must not: try anything twice.

import { parseArgs } from 'node:util';
import { startServer } from './server/server.mjs';
import { bundle, OTHER_PAGES, TEST_PAGES } from './support/bundle.mjs';
import { Results } from './support/results.mjs';
import { BROWSERS, endOnSignals, visit } from './support/visit.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { page: { type: 'string', multiple: true }, grep: { type: 'string' } },
});
const browsers = positionals.length > 0 ? positionals : BROWSERS;
const pages = values.page ?? TEST_PAGES;
const query = values.grep === undefined ? {} : { grep: values.grep };

endOnSignals();
const files = await bundle(pages, { others: OTHER_PAGES });
let failed = 0;
for (const browser of browsers) {
  const results = new Results(browser);
  for (const page of pages) {
    await visit(browser, page, { results, query, serve: (onReport) => startServer({ files, onReport }) });
  }
  failed += results.summary();
}
process.exit(failed === 0 ? 0 : 1);
