// What the tests are told from outside, and nothing else: where the server is, which browser to use, and
// which programs a test may start by itself.

/** The running server's address, with the built page, `--faults` and room for the tests' own pages. */
export function serverUrl(): string {
  const url = process.env['ENVSOCKET_E2E_URL'];
  if (url === undefined || url === '') {
    throw new Error(
      'ENVSOCKET_E2E_URL is not set: these tests need a running server. `cargo xtask test e2e` starts one; ' +
        'by hand, start envsocket-server with --www www/dist --faults --allow-origin "http://127.0.0.1:*" ' +
        'and set it to its address',
    );
  }
  return url;
}

/** Chromium's executable. Playwright's own browser is never downloaded. */
export function browserPath(): string {
  return process.env['ENVSOCKET_CHROME'] ?? '/usr/bin/chromium';
}

/** Each variable names the path of a program; here, which one and the package that builds it. */
const PROGRAMS = {
  ENVSOCKET_SERVER: ['envsocket-server', 'envsocket-server'],
  ENVSOCKET_FAULT_PROXY: ['fault-proxy', 'envsocket-faults'],
  ENVSOCKET_FAULT_PROGRAM: ['fault-program', 'envsocket-faults'],
} as const;

/** The path of a program that a test starts, or has a server start. */
export function programPath(variable: keyof typeof PROGRAMS): string {
  const path = process.env[variable];
  if (path === undefined || path === '') {
    const [name, package_] = PROGRAMS[variable];
    throw new Error(
      `${variable} is not set: this test needs ${name}. \`cargo xtask test e2e\` builds it; by hand, ` +
        `\`cargo build --package ${package_}\` and set it to the path of ${name}`,
    );
  }
  return path;
}
