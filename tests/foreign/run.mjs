// Runs the tests against servers that are not ours: `node tests/foreign/run.mjs [chromium|firefox]... [--grep TEXT]`.
// The built package must be there, and what tests/foreign/support/servers.mjs names.
// Must not: try anything twice, or leave a server or a file behind.

import { rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { bundle } from '../web/support/bundle.mjs';
import { Results } from '../web/support/results.mjs';
import { BROWSERS, endOnSignals, visit } from '../web/support/visit.mjs';
import { startHost } from './support/host.mjs';
import { foreignServers } from './support/servers.mjs';

const { values, positionals } = parseArgs({ allowPositionals: true, options: { grep: { type: 'string' } } });
const browsers = positionals.length > 0 ? positionals : BROWSERS;
const query = values.grep === undefined ? {} : { grep: values.grep };

const home = join(tmpdir(), `envsocket-foreign-${process.pid}`);
// They end with this process, however it ends; what they have written goes after them.
const servers = foreignServers(home);
process.once('exit', () => rmSync(home, { recursive: true, force: true, maxRetries: 5 }));
endOnSignals();

await mkdir(home);
const root = fileURLToPath(new URL('page', import.meta.url));
const [files] = await Promise.all([
  bundle(['foreign'], { root }),
  ...Array.from(servers.values(), (server) => server.start()),
]);
let failed = 0;
for (const browser of browsers) {
  const results = new Results(browser);
  const serve = (onReport) => startHost({ files, servers, onReport });
  await visit(browser, 'foreign', { results, query, serve });
  failed += results.summary();
}
if (failed > 0) {
  for (const [name, { lastWords }] of servers) console.log(`${name} wrote last:\n${lastWords}`);
}
process.exit(failed === 0 ? 0 : 1);
