// How the browser is started. Must not know of the page.

import type { LaunchOptions } from '@playwright/test';
import { browserPath } from './settings';

export const LAUNCH: LaunchOptions = {
  executablePath: browserPath(),
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
};

/** As people's browsers are: Playwright turns the back/forward cache off unless it is told not to. */
export const LAUNCH_WITH_BACK_FORWARD_CACHE: LaunchOptions = {
  ...LAUNCH,
  ignoreDefaultArgs: ['--disable-back-forward-cache'],
};
