// How the end-to-end tests run: against a server that is already there, in the browser that is already there,
// one at a time and never twice. A test that needs a second try is a test to be mended.

import { defineConfig } from '@playwright/test';
import { LAUNCH } from './support/browser';
import { serverUrl } from './support/settings';

export default defineConfig({
  testDir: '.',
  outputDir: '../../test-results',
  reporter: 'list',
  // The link is cut for every page of the server at once, so tests would disturb each other.
  workers: 1,
  fullyParallel: false,
  retries: 0,
  forbidOnly: true,
  timeout: 60_000,
  expect: { timeout: 20_000 },
  use: {
    baseURL: serverUrl(),
    viewport: { width: 1280, height: 800 },
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
    launchOptions: LAUNCH,
  },
});
