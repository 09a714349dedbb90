// What importing the package does: nothing; and what can be done right after: everything.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { expect, test } from 'vitest';

const folder = dirname(fileURLToPath(import.meta.url));

/** Runs a module in a Node of its own and returns what it prints. */
function run(source: string): string {
  return execFileSync(process.execPath, ['--input-type=module', '--eval', source], {
    cwd: folder,
    encoding: 'utf8',
  });
}

/** The files of the package that an entry imports, directly or not. */
function graph(entry: string): string[] {
  const found = new Set<string>();
  const visit = (file: string) => {
    if (found.has(file)) return;
    found.add(file);
    const source = readFileSync(file, 'utf8');
    for (const [, path] of source.matchAll(/from '(\.[^']+)'/g)) visit(join(dirname(file), path!));
  };
  visit(fileURLToPath(import.meta.resolve(entry)));
  return [...found];
}

const ENTRIES = ['envsocket', 'envsocket/slim', 'envsocket/react', 'envsocket/xterm'];

test.each(ENTRIES)('importing %s has no side effects', (entry) => {
  const printed = run(`
    const before = Reflect.ownKeys(globalThis);
    let wasm = 0;
    for (const name of ['Module', 'Instance']) {
      WebAssembly[name] = new Proxy(WebAssembly[name], {
        construct(...args) { wasm += 1; return Reflect.construct(...args); },
      });
    }
    await import('${entry}');
    const added = Reflect.ownKeys(globalThis).filter((key) => !before.includes(key)).map(String);
    console.log(JSON.stringify({ added, wasm, active: process.getActiveResourcesInfo() }));
  `);
  const { added, wasm, active } = JSON.parse(printed);
  expect(added).toEqual([]);
  expect(wasm).toBe(0);
  expect(active.filter((kind: string) => kind === 'Timeout' || kind.startsWith('TCP'))).toEqual([]);
});

test('the manager is usable in the statement after the import', () => {
  const printed = run(`
    import { WebSocketManager } from 'envsocket';
    console.log(WebSocketManager.getConnectionStatus('project', 'env'));
  `);
  expect(printed.trim()).toBe('disconnected');
});

test('using the manager keeps no process alive', () => {
  run(`
    import { WebSocketManager } from 'envsocket';
    WebSocketManager.subscribe(() => {});
    WebSocketManager.pollStatus(() => {})();
    WebSocketManager.getSnapshot();
  `);
});

test('the inlined wasm is reached from envsocket alone, and the glue by hooks and addons not at all', () => {
  const brings = (entry: string) => graph(entry).some((file) => file.endsWith('inline.js'));
  const calls = (entry: string) => graph(entry).some((file) => file.endsWith('envsocket_bg.js'));
  expect(ENTRIES.filter(calls)).toEqual(['envsocket', 'envsocket/slim']);
  expect(ENTRIES.filter(brings)).toEqual(['envsocket']);
});

test('connections without the engine say which import is missing', () => {
  const printed = run(`
    import { pageCore } from '${new URL('./registry.js', import.meta.resolve('envsocket')).href}';
    try { pageCore(); } catch (error) { console.log(error.message); }
  `);
  expect(printed).toContain("import 'envsocket' or 'envsocket/slim' before its connections are used");
});

test('another version on the same page is told apart, and says what is wrong', () => {
  const printed = run(`
    globalThis[Symbol.for('envsocket.page')] = { version: '9.9.9', core: {} };
    const { createWebSocketManager, WebSocketManager } = await import('envsocket');
    console.log(createWebSocketManager().getSnapshot().connections.length);
    try { WebSocketManager.getSnapshot(); } catch (error) { console.log(error.message); }
  `);
  const manifest = fileURLToPath(import.meta.resolve('envsocket/package.json'));
  const { version } = JSON.parse(readFileSync(manifest, 'utf8'));
  expect(printed).toContain('0\nenvsocket: this page has version 9.9.9 already');
  expect(printed).toContain(`cannot have ${version} beside it`);
});

test('the wasm does not tell where it was compiled', () => {
  const wasm = readFileSync(fileURLToPath(import.meta.resolve('envsocket/envsocket.wasm')), 'latin1');
  for (const trace of ['.rs', '.cargo', 'rustc', homedir()]) expect(wasm).not.toContain(trace);
});

test('nothing is exported that this version does not bring', async () => {
  expect(Object.keys(await import('envsocket')).sort()).toEqual([
    'AnswerError',
    'BusyError',
    'EnvSocket',
    'PermanentAuthError',
    'WebSocketManager',
    'createWebSocketManager',
  ]);
  expect(Object.keys(await import('envsocket/slim')).sort()).toEqual([
    'AnswerError',
    'BusyError',
    'EnvSocket',
    'PermanentAuthError',
    'WebSocketManager',
    'createWebSocketManager',
    'initialize',
  ]);
  expect(Object.keys(await import('envsocket/react')).sort()).toEqual([
    'AnswerError',
    'BusyError',
    'EnvSocketProvider',
    'PermanentAuthError',
    'useActiveConnection',
    'useChannel',
    'useConnection',
    'useConnectionStatus',
    'useConnections',
    'useQuestion',
  ]);
  expect(Object.keys(await import('envsocket/xterm')).sort()).toEqual(['EnvSocketAddon', 'keepTerminal']);
});
