// The tests' own pages, for what the demo does not show. Each is a folder of `pages/`, built in memory and
// served on a port of its own; its WebSockets go to the server all the same.

import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Page } from '@playwright/test';
import { build, type Rolldown } from 'vite';

type Files = ReadonlyMap<string, string | Uint8Array>;

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
};

/** Opens pages for as long as it is not closed. */
export class Pages {
  readonly #built = new Map<string, Promise<Files>>();
  readonly #server: HttpServer;

  private constructor() {
    this.#server = createServer(async (request, response) => {
      const { pathname } = new URL(request.url ?? '/', 'http://localhost');
      const [, name = '', file = ''] = pathname.split(/^\/([^/]*)\//);
      const content = (await this.#built.get(name))?.get(decodeURIComponent(file));
      const type = TYPES[file.slice(file.lastIndexOf('.') + 1)] ?? 'application/octet-stream';
      response.writeHead(content === undefined ? 404 : 200, { 'content-type': type }).end(content);
    });
  }

  static async start(): Promise<Pages> {
    const pages = new Pages();
    await new Promise<void>((listening) => pages.#server.listen(0, '127.0.0.1', listening));
    return pages;
  }

  /** Opens `pages/{name}/index.html`, with parameters for its `location.search`. */
  async open(page: Page, name: string, parameters: Readonly<Record<string, string>> = {}): Promise<void> {
    if (!this.#built.has(name)) this.#built.set(name, buildPage(name));
    await this.#built.get(name);
    const { port } = this.#server.address() as AddressInfo;
    await page.goto(`http://127.0.0.1:${port}/${name}/index.html?${new URLSearchParams(parameters)}`);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((closed) => this.#server.close(() => closed()));
  }
}

async function buildPage(name: string): Promise<Files> {
  const output = await build({
    root: fileURLToPath(new URL(`../pages/${name}/`, import.meta.url)),
    base: './',
    configFile: false,
    logLevel: 'warn',
    // React's development half, for only that one runs effects twice.
    define: { 'process.env.NODE_ENV': '"development"' },
    build: { write: false, minify: false, chunkSizeWarningLimit: 5000 },
  });
  const { output: files } = output as Rolldown.RolldownOutput;
  return new Map(files.map((file) => [file.fileName, file.type === 'chunk' ? file.code : file.source]));
}
