// How much a page downloads for each contender: bundled, minified, gzipped at its best level.

import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

import { script } from './bundles.mjs';

/** What a page that uses little of each writes. `globalThis` keeps it from being shaken off. */
const ENTRIES = {
  'envsocket/slim': `
    import { initialize, WebSocketManager } from 'envsocket/slim';
    globalThis.it = [initialize, WebSocketManager];`,
  envsocket: `
    import { WebSocketManager } from 'envsocket';
    globalThis.it = WebSocketManager;`,
  partysocket: `
    import WebSocket from 'partysocket/ws';
    globalThis.it = WebSocket;`,
  'reconnecting-websocket': `
    import WebSocket from 'reconnecting-websocket';
    globalThis.it = WebSocket;`,
};

/** Which of them bring their wasm as a file of its own; `envsocket` has it inlined. */
const WITH_WASM_FILE = ['envsocket/slim'];

/**
 * Bytes, gzipped.
 *
 * @returns {Promise<Record<string, { script: number, wasm: number }>>}
 */
export async function downloads() {
  /** @type {Record<string, { script: number, wasm: number }>} */
  const sizes = {};
  for (const [name, source] of Object.entries(ENTRIES)) {
    const wasm = WITH_WASM_FILE.includes(name) ? gzipped(await readFile(wasmFile())) : 0;
    sizes[name] = { script: gzipped(await script(source)), wasm };
  }
  return sizes;
}

function wasmFile() {
  return fileURLToPath(import.meta.resolve('envsocket/envsocket.wasm'));
}

/** @param {string | Uint8Array} contents */
function gzipped(contents) {
  return gzipSync(contents, { level: 9 }).length;
}
