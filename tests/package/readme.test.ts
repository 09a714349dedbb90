// The README's example, as a reader would paste it: it compiles, and Vite bundles it without a setting.

import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { beforeAll, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
// Inside the repository, so that its node_modules are found, and ignored by git.
const app = join(root, 'target/readme-example');

function run(tool: string, ...args: string[]): void {
  execFileSync(join(root, 'node_modules/.bin', tool), args, { cwd: app, stdio: 'pipe', encoding: 'utf8' });
}

beforeAll(() => {
  const [, example] = /```tsx\n(.*?)```/s.exec(readFileSync(join(root, 'README.md'), 'utf8')) ?? [];
  rmSync(app, { recursive: true, force: true });
  mkdirSync(app, { recursive: true });
  const files = {
    'Shell.tsx': example ?? '',
    'main.tsx':
      "import { createRoot } from 'react-dom/client';\nimport { Shell } from './Shell';\n" +
      "createRoot(document.body).render(<Shell project='alpha' env='dev' />);\n",
    'css.d.ts': "declare module '*.css';\n",
    'index.html': '<!doctype html><body><script type="module" src="/main.tsx"></script></body>\n',
    'tsconfig.json': JSON.stringify({
      compilerOptions: {
        target: 'es2022',
        module: 'esnext',
        moduleResolution: 'bundler',
        jsx: 'react-jsx',
        lib: ['es2022', 'dom'],
        types: [],
        strict: true,
        noEmit: true,
      },
    }),
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(app, name), text);
});

test('the example compiles against the published types', () => {
  run('tsc', '--project', '.');
});

test('Vite bundles the example with the wasm inside, and emits it once', () => {
  run('vite', 'build', '--logLevel', 'error');
  const assets = readdirSync(join(app, 'dist/assets'));
  expect(assets.filter((name) => name.endsWith('.wasm'))).toEqual([]);
  const wasm = assets.filter((name) => readFileSync(join(app, 'dist/assets', name), 'utf8').includes('AGFzbQ'));
  expect(wasm).toHaveLength(1);
});
