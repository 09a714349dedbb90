// What the pages report, counted and printed. The last line of a browser is in the form that
// `cargo xtask test` reads.
// Must not: know how a page is run.

export class Results {
  #browser;
  #passed = 0;
  #failed = 0;
  #skipped = 0;
  #page = '';
  /** Reports may overtake one another on their way: their numbers are their order. */
  #next = 0;
  #early = new Map();
  #running = null;

  constructor(browser) {
    this.#browser = browser;
  }

  begin(page) {
    this.#page = page;
    this.#next = 0;
    this.#early.clear();
    this.#running = null;
  }

  /** True when this was the page's last. */
  take(report) {
    this.#early.set(report.number, report);
    let last = false;
    for (let next; (next = this.#early.get(this.#next)); this.#next += 1) {
      this.#early.delete(this.#next);
      last ||= this.#tell(next);
    }
    return last;
  }

  /** The page did not come to its end. */
  broke(how) {
    this.#fail(this.#running ?? 'before the first test, or between two', how);
  }

  /** Prints the count, and returns how many failed; none at all is a failure too. */
  summary() {
    const counts = [`${this.#failed} failed`, `${this.#passed} passed`, `${this.#skipped} skipped`];
    const total = this.#passed + this.#failed + this.#skipped;
    console.log(`Tests  ${counts.filter((count) => !count.startsWith('0 ')).join(' | ')} (${total}) in ${this.#browser}`);
    return this.#failed + (this.#passed === 0 ? 1 : 0);
  }

  #tell({ kind, title, error, text }) {
    switch (kind) {
      case 'begin':
        this.#running = title;
        return false;
      case 'pass':
        this.#passed += 1;
        this.#running = null;
        return false;
      case 'fail':
        this.#fail(title, error);
        this.#running = null;
        return false;
      case 'skip':
        this.#skipped += 1;
        return false;
      case 'note':
        console.log(`${this.#browser}: ${this.#page}: ${text}`);
        return false;
      case 'end':
        return true;
      default:
        throw new Error(`the page reported ${kind}`);
    }
  }

  #fail(title, error) {
    this.#failed += 1;
    const indented = String(error).trim().replaceAll('\n', '\n    ');
    console.log(`FAILED in ${this.#browser}: ${this.#page}: ${title}\n    ${indented}`);
  }
}
