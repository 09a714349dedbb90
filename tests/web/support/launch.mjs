// Starts a headless browser on a page, without a driver: a driver's protocol slows what it watches.
// Must not: outlive its caller, touch a profile that is somebody's own, or end a process it did not start.

import { execFileSync, spawn } from 'node:child_process';
import { accessSync, constants, rmSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/** How long a browser may take to end by itself when it is asked to. */
const GRACE_MS = 5_000;

/** What a browser wrote before it ended: enough for the reason, not for the whole log. */
const LAST_WORDS = 4_000;

const CHROMIUM = {
  variable: 'ENVSOCKET_CHROME',
  names: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'],
  elsewhere: ['/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'],
  args: (profile) => [
    `--user-data-dir=${profile}`,
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--disable-dev-shm-usage',
    '--no-first-run',
    '--no-default-browser-check',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    // A page that is not looked at is throttled otherwise, and here nobody looks.
    '--disable-background-timer-throttling',
    '--disable-backgrounding-occluded-windows',
    '--disable-renderer-backgrounding',
  ],
  prepare: async () => {},
};

/** What would speak to the world, ask questions, or slow down the next handshake after a refused one. */
const FIREFOX_PREFERENCES = {
  'app.normandy.enabled': false,
  'app.update.auto': false,
  'app.update.disabledForTesting': true,
  'browser.aboutwelcome.enabled': false,
  'browser.contentblocking.category': 'custom',
  'browser.newtabpage.enabled': false,
  'browser.region.network.url': '',
  'browser.safebrowsing.downloads.enabled': false,
  'browser.safebrowsing.malware.enabled': false,
  'browser.safebrowsing.phishing.enabled': false,
  'browser.search.update': false,
  'browser.sessionstore.resume_from_crash': false,
  'browser.shell.checkDefaultBrowser': false,
  'browser.startup.homepage_override.mstone': 'ignore',
  'browser.startup.page': 0,
  'datareporting.healthreport.uploadEnabled': false,
  'datareporting.policy.dataSubmissionEnabled': false,
  'dom.max_script_run_time': 0,
  'dom.min_background_timeout_value': 4,
  'dom.timeout.enable_budget_timer_throttling': false,
  'extensions.getAddons.cache.enabled': false,
  'extensions.update.enabled': false,
  'geo.enabled': false,
  'media.gmp-manager.updateEnabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'network.dns.disablePrefetch': true,
  // A handshake that hangs counts among these, and keeps its place for a while after it was given up.
  'network.http.max-persistent-connections-per-server': 100,
  'network.http.speculative-parallel-limit': 0,
  'network.prefetch-next': false,
  'network.proxy.type': 0,
  'network.trr.mode': 5,
  'network.websocket.delay-failed-reconnects': false,
  'network.websocket.max-connections': 1_000,
  'remote.settings.server': '',
  'security.OCSP.enabled': 0,
  'services.settings.server': 'data:,#remote-settings-dummy/v1',
  'signon.autofillForms': false,
  'toolkit.startup.max_resumed_crashes': -1,
  'toolkit.telemetry.enabled': false,
  'toolkit.telemetry.reportingpolicy.firstRun': false,
  'toolkit.telemetry.server': '',
};

const FIREFOX = {
  variable: 'ENVSOCKET_FIREFOX',
  names: ['firefox', 'firefox-esr'],
  elsewhere: ['/Applications/Firefox.app/Contents/MacOS/firefox'],
  args: (profile) => ['--headless', '--no-remote', '--new-instance', '--profile', profile],
  prepare: async (profile) => {
    const lines = Object.entries(FIREFOX_PREFERENCES).map(
      ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});`,
    );
    await writeFile(join(profile, 'user.js'), `${lines.join('\n')}\n`);
  },
};

const BROWSERS = { chromium: CHROMIUM, firefox: FIREFOX };

/**
 * Starts the browser on the URL, with a new profile that goes when it goes.
 *
 * @param {'chromium' | 'firefox'} browser
 * @param {string} url
 * @param {{ extraArgs?: readonly string[], onExit?: (how: string) => void }} [options]
 *   `onExit` is told when the browser ends without being closed: how, and its last words.
 * @returns {Promise<{ close(): Promise<void> }>}
 */
export async function launch(browser, url, { extraArgs = [], onExit } = {}) {
  const kind = BROWSERS[browser];
  const executable = program(kind);
  const profile = await mkdtemp(join(tmpdir(), `envsocket-${browser}-`));
  await kind.prepare(profile);
  const child = spawn(executable, [...kind.args(profile), ...extraArgs, url], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // Firefox keeps caches and locks in the home folder otherwise, whatever its profile.
    env: { ...process.env, MOZ_CRASHREPORTER_DISABLE: '1', XDG_CACHE_HOME: profile },
  });
  let words = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      words = (words + text).slice(-LAST_WORDS);
    });
  }
  const ended = new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve(`ended with ${signal ?? `code ${code}`}`));
    child.once('error', (error) => resolve(`could not be started: ${error.message}`));
  });
  // Whatever ends this process early, the browser ends with it.
  const endTogether = () => {
    child.kill('SIGKILL');
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  };
  process.once('exit', endTogether);
  let closing = false;
  void ended.then((how) => {
    if (!closing) onExit?.(`${executable} ${how}\n${words.trim()}`);
  });
  return {
    async close() {
      closing = true;
      await end(child, ended);
      process.off('exit', endTogether);
      await rm(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    },
  };
}

/**
 * The browser's program: the one that the variable names, else the first on PATH.
 *
 * @param {{ variable: string, names: readonly string[], elsewhere: readonly string[] }} kind
 * @returns {string}
 */
function program({ variable, names, elsewhere }) {
  const named = process.env[variable];
  if (named) return named;
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const candidates = [...names.flatMap((name) => folders.map((folder) => join(folder, name))), ...elsewhere];
  const found = candidates.find(isExecutable);
  if (found) return found;
  throw new Error(`none of ${names.join(', ')} is on PATH; install one, or name it with ${variable}`);
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Asks, then kills: the browser first, then those of its processes that have not gone with it. */
async function end(child, ended) {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const own = descendants(child.pid, processes());
  child.kill('SIGTERM');
  const patience = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
  await ended;
  clearTimeout(patience);
  const left = processes();
  for (const { pid, started } of own) {
    // A number alone could be another process's by now.
    if (left.some((other) => other.pid === pid && other.started === started)) kill(pid);
  }
}

/** All processes of this machine, as `ps` knows them. */
function processes() {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,lstart='], { encoding: 'utf8' }).split('\n');
  return lines.map((line) => {
    const [pid, parent, ...started] = line.trim().split(/\s+/);
    return { pid: Number(pid), parent: Number(parent), started: started.join(' ') };
  });
}

function descendants(pid, all) {
  const children = all.filter(({ parent }) => parent === pid);
  return children.flatMap((child) => [child, ...descendants(child.pid, all)]);
}

function kill(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has gone by itself.
  }
}
