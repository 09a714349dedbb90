// The packed package in an empty project outside of the repository, as the README says to install it.

import { execFileSync } from 'node:child_process';
import { lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const app = mkdtempSync(join(tmpdir(), 'envsocket-install-'));

function run(program: string, ...args: string[]): string {
  return execFileSync(program, args, { cwd: app, stdio: 'pipe', encoding: 'utf8' });
}

beforeAll(() => {
  writeFileSync(join(app, 'package.json'), JSON.stringify({ name: 'empty', private: true, type: 'module' }));
  const packed = run('npm', 'pack', join(root, 'pkg'), '--silent').trim();
  const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const beside = ['react', 'react-dom', '@xterm/xterm'].map((name) => `${name}@${devDependencies[name]}`);
  run('npm', 'install', '--prefer-offline', '--no-audit', '--no-fund', join(app, packed), ...beside);
}, 120_000);

afterAll(() => rmSync(app, { recursive: true, force: true }));

test('it is a folder of its own, with nothing that only the repository needs', () => {
  const installed = join(app, 'node_modules/envsocket');
  expect(lstatSync(installed).isSymbolicLink()).toBe(false);
  expect(readdirSync(installed).filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))).toEqual([]);
});

test('the hooks render with the React of the app', () => {
  writeFileSync(
    join(app, 'page.mjs'),
    `import { createElement } from 'react';
    import { renderToString } from 'react-dom/server';
    import 'envsocket';
    import { useConnection } from 'envsocket/react';
    const Page = () => useConnection('shop', 'staging').status;
    console.log(renderToString(createElement(Page)));`,
  );
  expect(run('node', 'page.mjs').trim()).toBe('disconnected');
});
