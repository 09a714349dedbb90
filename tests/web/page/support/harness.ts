// Runs a page's tests with mocha and reports each of them to the runner as it begins and ends.
// Must not: hold anything back until the end. A page that crashes has said what it was doing.

const { EVENT_RUN_END, EVENT_TEST_BEGIN, EVENT_TEST_FAIL, EVENT_TEST_PASS, EVENT_TEST_PENDING } =
  Mocha.Runner.constants;

/** Of the next report. It goes on counting when the page is loaded anew. */
let number = Number(sessionStorage.getItem('reports'));

function report(message: object): void {
  const body = JSON.stringify({ number, ...message });
  number += 1;
  sessionStorage.setItem('reports', String(number));
  void fetch('/report', { method: 'POST', body });
}

/** For people: a figure that a test has measured. */
export function note(text: string): void {
  report({ kind: 'note', text });
}

class Reporter {
  constructor(runner: Mocha.Runner) {
    runner.on(EVENT_TEST_BEGIN, (test) => report({ kind: 'begin', title: test.fullTitle() }));
    runner.on(EVENT_TEST_PASS, (test) => report({ kind: 'pass', title: test.fullTitle() }));
    runner.on(EVENT_TEST_PENDING, (test) => report({ kind: 'skip', title: test.fullTitle() }));
    runner.on(EVENT_TEST_FAIL, (test, error) => {
      report({ kind: 'fail', title: test.fullTitle(), error: told(error) });
    });
    runner.on(EVENT_RUN_END, () => report({ kind: 'end' }));
  }
}

function told(error: Error & { actual?: unknown; expected?: unknown }): string {
  const stack = String(error.stack ?? '');
  const where = stack
    .split('\n')
    .filter((line) => /:\d+:\d+/.test(line) && !line.includes('mocha.js'))
    .slice(0, 4)
    .join('\n');
  const values =
    'actual' in error ? `\nexpected: ${shown(error.expected)}\ngot:      ${shown(error.actual)}` : '';
  return `${error.name}: ${error.message}${values}\n${where}`;
}

function shown(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
}

/** Declares the tests and runs them; a page that cannot even do that says so. */
export function run(timeoutMs: number, declare: () => void): void {
  // The reporter's type asks for a class of mocha's own kind, which it does not need to be.
  const reporter = Reporter as unknown as Mocha.ReporterConstructor;
  mocha.setup({ ui: 'bdd', timeout: timeoutMs, reporter });
  try {
    declare();
  } catch (error) {
    report({ kind: 'fail', title: 'declaring the tests', error: told(error as Error) });
    report({ kind: 'end' });
    return;
  }
  const grep = new URLSearchParams(location.search).get('grep');
  if (grep !== null) mocha.grep(grep);
  mocha.run();
}
