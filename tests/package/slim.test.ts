// `envsocket/slim`: everything, once the wasm was handed over. Each test in a Node of its own, because a
// page initializes once.

import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { expect, test } from 'vitest';

const folder = dirname(fileURLToPath(import.meta.url));

/** Runs a module that imports both entries' names as it likes, and returns what it prints. */
function run(source: string): string {
  const head = `
    import { readFileSync } from 'node:fs';
    const wasm = readFileSync(new URL(import.meta.resolve('envsocket/envsocket.wasm')));
  `;
  return execFileSync(process.execPath, ['--input-type=module', '--eval', head + source], {
    cwd: folder,
    encoding: 'utf8',
  }).trim();
}

test('before initialize a manager says what is missing', () => {
  const printed = run(`
    import { WebSocketManager } from 'envsocket/slim';
    try { WebSocketManager.getSnapshot(); } catch (error) { console.log(error.message); }
  `);
  expect(printed).toBe('envsocket/slim: wait for initialize(…) before its connections are used');
});

test.each([
  ['bytes', 'wasm'],
  ['a buffer', 'wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.length)'],
  ['a module', 'new WebAssembly.Module(wasm)'],
  ['a promise', 'Promise.resolve(wasm)'],
  ['a response', "new Response(wasm, { headers: { 'Content-Type': 'application/wasm' } })"],
  ['a response of no type', 'new Response(wasm)'],
  ['a promise of a response', 'Promise.resolve(new Response(wasm))'],
  ['a URL', "'data:application/wasm;base64,' + wasm.toString('base64')"],
  ['a URL object', "new URL('data:application/wasm;base64,' + wasm.toString('base64'))"],
])('after initialize with %s it is usable', (_, argument) => {
  const printed = run(`
    import { initialize, WebSocketManager } from 'envsocket/slim';
    await initialize(${argument});
    console.log(WebSocketManager.getConnectionStatus('project', 'env'));
  `);
  expect(printed).toBe('disconnected');
});

test('a second call changes nothing, and one after a failure tries again', () => {
  const printed = run(`
    import { initialize, WebSocketManager } from 'envsocket/slim';
    const failed = await initialize(new Response('gone', { status: 404 })).catch((error) => error.message);
    const first = initialize(wasm);
    const second = initialize('data:,nothing');
    await first;
    WebSocketManager.getConnection('project', 'env', null, { url: 'ws://127.0.0.1:9/' });
    await second;
    await initialize(wasm);
    console.log(failed, WebSocketManager.getSnapshot().connections.length);
    WebSocketManager.closeAll();
  `);
  expect(printed).toMatch(/^envsocket: no wasm at .*: status 404 1$/);
});

test.each([
  ['envsocket first', "await import('envsocket')", "await import('envsocket/slim')"],
  ['slim first', "await import('envsocket/slim')", "await import('envsocket')"],
])('%s: both entries share one manager and one wasm', (_, first, second) => {
  const printed = run(`
    let instances = 0;
    WebAssembly.Instance = new Proxy(WebAssembly.Instance, {
      construct(...args) { instances += 1; return Reflect.construct(...args); },
    });
    WebAssembly.instantiate = () => { instances += 1; };
    const one = ${first}, other = ${second};
    one.WebSocketManager.getSnapshot();
    await (one.initialize ?? other.initialize)(wasm);
    console.log(one.WebSocketManager === other.WebSocketManager, instances);
  `);
  expect(printed).toBe('true 1');
});

test("Vite bundles the README's example with the wasm as one file beside it", () => {
  const root = join(folder, '../..');
  // Inside the repository, so that its node_modules are found, and ignored by git.
  const app = join(root, 'target/slim-example');
  const readme = readFileSync(join(root, 'pkg-template/README.md'), 'utf8');
  const [, example] = /### Slim.*?```ts\n(.*?)```/s.exec(readme) ?? [];
  rmSync(app, { recursive: true, force: true });
  mkdirSync(app, { recursive: true });
  writeFileSync(join(app, 'main.ts'), example ?? '');
  writeFileSync(join(app, 'index.html'), '<!doctype html><script type="module" src="/main.ts"></script>\n');
  const vite = join(root, 'node_modules/.bin/vite');
  execFileSync(vite, ['build', '--logLevel', 'error'], { cwd: app, stdio: 'pipe' });
  const assets = readdirSync(join(app, 'dist/assets'));
  expect(assets.filter((name) => name.endsWith('.wasm'))).toHaveLength(1);
  const scripts = assets.filter((name) => name.endsWith('.js'));
  expect(scripts).toHaveLength(1);
  expect(readFileSync(join(app, 'dist/assets', scripts[0]!), 'utf8')).not.toContain('AGFzbQ');
});
