// The page's benchmark: servers, a browser without a driver (one would slow what it watches), a page that
// measures, and what its figures mean. `cargo xtask bench page` runs it.
// Must not: leave anything running, or call a measurement good that did not take place.

import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';

import { launch } from '../web/support/launch.mjs';
import { verdicts } from './budgets.mjs';
import { pages } from './bundles.mjs';
import { print } from './report.mjs';
import { serve } from './site.mjs';
import { downloads } from './sizes.mjs';

/**
 * One each for the contenders' traffic, and as many handshakes at once: Chromium delays further ones, by
 * seconds when 16 are under way (WebSocketPerProcessThrottler).
 */
const ADDRESSES = 8;

/** The page says what it does before it does it; the longest of that takes a few seconds. */
const PATIENCE_MS = 60_000;

const { values: options } = parseArgs({
  options: { server: { type: 'string' }, out: { type: 'string' }, quick: { type: 'boolean', default: false } },
});
const { server: program, out, quick } = options;
if (!program || !out) {
  console.error('usage: node tests/bench/run.mjs --server PROGRAM --out DIR [--quick]');
  process.exit(2);
}

try {
  const sizes = await downloads();
  const figures = await measured(program, quick);
  const machine = { cpu: cpus()[0]?.model.trim() ?? 'unknown', cores: cpus().length, browser: figures.browser };
  const result = { quick, machine, sizes, ...figures };
  const judged = verdicts(result);
  await mkdir(out, { recursive: true });
  await writeFile(join(out, 'bench.json'), `${JSON.stringify({ ...result, verdicts: judged }, null, 1)}\n`);
  console.log();
  print(result, judged);
  console.log(`all figures: ${join(out, 'bench.json')}`);
} catch (error) {
  console.error(`bench: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}

/**
 * What the page measured, with servers that live as long.
 *
 * @param {string} program
 * @param {boolean} quick
 * @returns {Promise<import('./types.js').Figures>}
 */
async function measured(program, quick) {
  const lean = await start(program, 'lean');
  try {
    const library = await start(program, 'library');
    try {
      return await shown({ lean: lean.urls, library: library.urls }, quick);
    } finally {
      library.stop();
    }
  } finally {
    lean.stop();
  }
}

/**
 * What the page measured on these servers.
 *
 * @param {import('./page/runner.js').Servers} servers
 * @param {boolean} quick
 * @returns {Promise<import('./types.js').Figures>}
 */
async function shown(servers, quick) {
  const site = await serve({ files: await pages(), setting: { servers, quick }, patienceMs: PATIENCE_MS });
  try {
    for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM']) {
      process.once(signal, () => site.fail(new Error(`stopped by ${signal}`)));
    }
    const browser = await launch('chromium', site.url, {
      extraArgs: ['--enable-precise-memory-info', '--js-flags=--expose-gc'],
      onExit: (how) => site.fail(new Error(`the browser is gone: ${how}`)),
    });
    try {
      return await site.figures;
    } finally {
      await browser.close();
    }
  } finally {
    site.close();
  }
}

/**
 * Starts one of the benchmark's servers, which ends with its standard input: also when this process is killed.
 *
 * @param {string} program
 * @param {'lean' | 'library'} kind
 * @returns {Promise<{ urls: string[], stop: () => void }>}
 */
async function start(program, kind) {
  const child = spawn(program, [kind, String(ADDRESSES)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const stop = () => child.stdin.end();
  const failed = new Promise((_, reject) => {
    child.once('error', (error) => reject(new Error(`${program}: ${error.message}`)));
    child.once('exit', (code) => reject(new Error(`${program} ended with code ${code} before it was ready`)));
  });
  /** @type {string[]} */
  const urls = [];
  const ready = (async () => {
    for await (const line of createInterface({ input: child.stdout })) {
      if (line === 'ready') return { urls, stop };
      urls.push(`ws://${line}/`);
    }
    return failed;
  })();
  return Promise.race([ready, failed]);
}
