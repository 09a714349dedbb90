// Bundles the test pages in memory, as an application's build would bundle them.
// Must not: write a file.

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { again } from './again.mjs';

const PAGES = fileURLToPath(new URL('../page', import.meta.url));

/** The pages that hold tests, each of which a browser opens afresh: what one leaves behind disturbs no other. */
export const TEST_PAGES = ['conformance', 'plain', 'v1', 'tokens', 'questions', 'back', 'leak', 'react', 'react-slim'];

/** Pages that the tests open for themselves. */
export const OTHER_PAGES = ['frame', 'away'];

const SCRIPT = 'text/javascript; charset=utf-8';

/**
 * All that the browser will ask for, by path: these pages of tests, and what they open for themselves.
 *
 * @param {readonly string[]} testPages
 * @param {{ root?: string, others?: readonly string[] }} [options] `root` is the folder of the pages.
 * @returns {Promise<Map<string, { type: string, body: string | Uint8Array }>>}
 */
export async function bundle(testPages, { root = PAGES, others = [] } = {}) {
  const pages = [...testPages, ...others];
  const built = await build({
    root,
    configFile: false,
    logLevel: 'warn',
    plugins: [again],
    // React's other build has no StrictMode.
    define: { 'process.env.NODE_ENV': JSON.stringify('development') },
    build: {
      write: false,
      target: 'es2022',
      minify: false,
      sourcemap: false,
      modulePreload: false,
      rolldownOptions: {
        input: Object.fromEntries(pages.map((page) => [page, `${root}/${page}.ts`])),
        output: { entryFileNames: '[name].js', chunkFileNames: 'chunk-[name]-[hash].js' },
        preserveEntrySignatures: false,
      },
    },
  });
  const files = new Map();
  for (const { fileName, ...output } of built.output) {
    const type = fileName.endsWith('.wasm') ? 'application/wasm' : SCRIPT;
    files.set(`/${fileName}`, { type, body: output.type === 'chunk' ? output.code : output.source });
  }
  const mocha = createRequire(import.meta.url).resolve('mocha/mocha.js');
  files.set('/mocha.js', { type: SCRIPT, body: await readFile(mocha, 'utf8') });
  for (const page of testPages) files.set(`/${page}`, { type: 'text/html', body: html(page, ['/mocha.js']) });
  for (const page of others) files.set(`/${page}`, { type: 'text/html', body: html(page, []) });
  return files;
}

/** Scripts load in order; the first of a test page's own sees errors before the test runner does. */
function html(page, scripts) {
  const tags = scripts.map((src) => `<script src="${src}"></script>`).join('');
  const first = scripts.length > 0 ? `<script>${EXPECTED_ERRORS}</script>` : '';
  return (
    '<!doctype html><html lang="en"><meta charset="utf-8"><link rel="icon" href="data:,">' +
    `<title>${page}</title>${first}${tags}<script type="module" src="/${page}.js"></script></html>`
  );
}

/** The runner takes every error of the page for a failure; a test that provokes one has to come before it. */
const EXPECTED_ERRORS = `
  window.expectedErrors = null;
  addEventListener('error', (event) => {
    if (!window.expectedErrors) return;
    window.expectedErrors.push(event.error);
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);`;
