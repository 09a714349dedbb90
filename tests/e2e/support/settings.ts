// What the tests are told from outside, and nothing else: where the server is and which browser to use.

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
