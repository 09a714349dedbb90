// What an application's build makes of the sources: bundled, shaken and minified by Vite.
// Must not: write a file.

import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const FOLDER = fileURLToPath(new URL('./page', import.meta.url));
const PAGES = [
  'index',
  'native',
  'partysocket',
  'reconnecting-websocket',
  'envsocket',
  'protocol-off',
  'protocol-on',
];

/** @type {Record<string, string>} */
const TYPES = { html: 'text/html; charset=utf-8', js: 'text/javascript; charset=utf-8' };

/**
 * The benchmark's pages, by path.
 *
 * @returns {Promise<Map<string, { type: string, body: string | Uint8Array }>>}
 */
export async function pages() {
  const input = Object.fromEntries(PAGES.map((page) => [page, `${FOLDER}/${page}.html`]));
  const files = new Map();
  for (const { name, body } of await bundled(input)) {
    files.set(`/${name}`, { type: TYPES[name.split('.').at(-1) ?? ''] ?? 'application/octet-stream', body });
  }
  return files;
}

/**
 * One script with all that this source needs.
 *
 * @param {string} source
 * @returns {Promise<string>}
 */
export async function script(source) {
  const id = 'virtual:entry';
  const entry = {
    name: 'entry',
    /** @param {string} name */
    resolveId: (name) => (name === id ? `\0${id}` : undefined),
    /** @param {string} name */
    load: (name) => (name === `\0${id}` ? source : undefined),
  };
  const files = await bundled({ entry: id }, [entry]);
  const [only, ...others] = files.filter(({ name }) => name.endsWith('.js'));
  if (!only || others.length > 0) throw new Error('an entry must become one script');
  return String(only.body);
}

/**
 * @param {Record<string, string>} input
 * @param {import('vite').Plugin[]} [plugins]
 * @returns {Promise<{ name: string, body: string | Uint8Array }[]>}
 */
async function bundled(input, plugins = []) {
  const built = await build({
    root: FOLDER,
    configFile: false,
    logLevel: 'warn',
    plugins,
    build: {
      write: false,
      modulePreload: { polyfill: false },
      rolldownOptions: { input },
    },
  });
  if (!('output' in built)) throw new Error('vite built something else than one bundle');
  return built.output.map((file) => ({
    name: file.fileName,
    body: file.type === 'chunk' ? file.code : file.source,
  }));
}
