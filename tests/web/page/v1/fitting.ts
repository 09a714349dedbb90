// The size of a terminal that counts is its own; any other has that of what it shows, and so has what is old. No
// two of them ever argue.

import { Terminal } from '@xterm/xterm';
import { assert } from 'chai';
import { EnvSocketAddon } from 'envsocket/xterm';
import { errorsDuring, next } from '../support/events';
import { LATE, statusIs } from '../support/manager';
import { control, observed } from '../support/server';
import { lines, parsed, shown } from '../support/terminals';
import { attach, attached, type Attached } from '../support/v1';

interface Fitted extends Attached {
  readonly terminal: Terminal;
  /** Each name that was parsed, and the size that the terminal had then. */
  readonly seen: string[];
  /** The sizes that the server was told, in its hellos and afterwards. */
  told(): Promise<string[]>;
}

/** A terminal of 80 × 24. */
async function fitted(terms: Parameters<typeof attach>[1] = {}): Promise<Fitted> {
  const made = attach({ backoff: LATE }, terms);
  const terminal = shown(made.socket, { cols: 80, rows: 24 });
  const seen: string[] = [];
  terminal.parser.registerOscHandler(1_000, (name) => {
    seen.push(`${name} ${size(terminal)}`);
    return true;
  });
  const told = async () => {
    // Behind all that was said before.
    made.socket.send('mark');
    for (let inputs = 1; ; inputs += 1) {
      const all = await observed(made.id, { inputs });
      if (all.inputs!.at(-1) !== 'mark') continue;
      const hellos = all.frames!.filter(({ type }) => type === 'hello');
      return [...hellos, ...all.inputs!].flatMap((said) => {
        const { cols, rows } = said as Partial<Record<string, number>>;
        return cols ? [`${cols}x${rows}`] : [];
      });
    }
  };
  await statusIs(made.socket, 'connected');
  return { ...made, terminal, seen, told };
}

function size({ cols, rows }: Terminal): string {
  return `${cols}x${rows}`;
}

/** What the terminal notes the size of. */
function name(name: string): string {
  return `\x1b]1000;${name}\x07`;
}

function resized(cols: number, rows: number): object {
  return { type: 'size', cols, rows };
}

/** Another terminal counts, and has another size. */
const VIEWER = { controller: 'no', size: '{"cols":100,"rows":30}' };

export function fitting(): void {
  it('leaves the terminal that counts as it is, whatever is announced', async () => {
    const { say, until, terminal, seen, told } = await fitted({ size: '{"cols":80,"rows":24}' });
    terminal.resize(90, 30);
    await say(name('before'), resized(90, 30), name('after'));
    await until(2);
    await parsed(terminal);
    terminal.resize(100, 35);
    // What was announced is older than what is wanted.
    await say(resized(95, 33), name('last'));
    await until(3);
    await parsed(terminal);
    assert.deepEqual(seen, ['before 90x30', 'after 90x30', 'last 100x35']);
    assert.deepEqual(await told(), ['80x24', '90x30', '100x35']);
  });

  it('shows what others have made at its size, and says nothing of that', async () => {
    const { say, until, terminal, seen, told } = await fitted(VIEWER);
    await say(name('one'), resized(120, 40), name('two'), resized(60, 20), name('three'));
    await until(3);
    await parsed(terminal);
    assert.deepEqual(seen, ['one 100x30', 'two 120x40', 'three 60x20']);
    assert.deepEqual(await told(), ['80x24']);
  });

  it('has its own size when it counts again, and that of others when it does no longer', async () => {
    const { id, say, until, terminal, seen, told } = await fitted(VIEWER);
    await say(name('one'));
    await until(1);
    await control(id, 'role', { controller: 'yes' });
    await say(resized(80, 24), name('two'));
    await until(2);
    await control(id, 'role', { controller: 'no' });
    await say(name('three'), resized(70, 20), name('four'));
    await until(4);
    await parsed(terminal);
    assert.deepEqual(seen, ['one 100x30', 'two 80x24', 'three 80x24', 'four 70x20']);
    assert.deepEqual(await told(), ['80x24']);
  });

  it('tells what its place wants anew, and waits until it counts', async () => {
    const { id, say, until, terminal, seen, told } = await fitted(VIEWER);
    await say(name('one'));
    await until(1);
    await parsed(terminal);
    terminal.resize(90, 33);
    await parsed(terminal);
    assert.equal(size(terminal), '100x30');
    await control(id, 'role', { controller: 'yes' });
    await say(name('two'), resized(90, 33), name('three'));
    await until(3);
    await parsed(terminal);
    assert.deepEqual(seen, ['one 100x30', 'two 90x33', 'three 90x33']);
    assert.deepEqual(await told(), ['80x24', '90x33']);
  });

  it('keeps what others have made when its place wants another size', async () => {
    const { say, until, terminal } = await fitted(VIEWER);
    // On the alternate screen, with a scrolling region, in the corner that the own size has no room for.
    await say('\x1b[?1049h\x1b[5;10r\x1b[30;98Hend\x1b[4;1Habove\x1b[10;1H');
    await until(1);
    await parsed(terminal);
    let resized = 0;
    terminal.onResize(() => (resized += 1));
    for (const [cols, rows] of [[80, 24], [90, 20]] as const) terminal.resize(cols, rows);
    assert.equal(size(terminal), '100x30');
    await say('1\r\n2\r\n3\r\n4\r\n5\r\n6\r\n7\r\n8');
    await until(2);
    assert.deepEqual(await lines(terminal), ['above', '3', '4', '5', '6', '7', '8', `${' '.repeat(97)}end`]);
    assert.equal(resized, 0);
  });

  it('takes from a server no size that would fill the page', async () => {
    const { say, until, terminal, seen } = await fitted({ controller: 'no', size: '{"cols":65535,"rows":65535}' });
    await say(name('one'), resized(65_535, 1), name('two'), resized(60, 20), name('three'));
    await until(3);
    await parsed(terminal);
    assert.deepEqual(seen, ['one 1000x1000', 'two 1000x1', 'three 60x20']);
  });

  it('parses on when a size cannot be had', async () => {
    const { socket, say, until } = await attached({}, VIEWER);
    const errors = await errorsDuring(async () => {
      const terminal = shown(socket, {}, (terminal) => {
        terminal.resize = () => {
          throw new RangeError('no memory');
        };
      });
      await say(resized(120, 40), 'text');
      await until(1);
      assert.deepEqual(await lines(terminal), ['text']);
    });
    assert.lengthOf(errors, 1);
  });

  it('leaves the terminal its own way to be resized, in whatever order addons go', async () => {
    for (const order of [[0, 1], [1, 0]]) {
      const { say, socket, until } = await attached({}, VIEWER);
      const terminal = new Terminal();
      const addons = [new EnvSocketAddon(socket), new EnvSocketAddon(socket)];
      addons.forEach((addon) => terminal.loadAddon(addon));
      await say(resized(120, 40), 'text');
      await until(1);
      await parsed(terminal);
      order.forEach((at) => addons[at]!.dispose());
      terminal.resize(70, 20);
      assert.equal(size(terminal), '70x20');
    }
  });

  it('does not tell what its place has wanted before, so that two pages that fit their terminals agree', async () => {
    const { say, until, terminal, told } = await fitted(VIEWER);
    await say(name('one'));
    await until(1);
    await parsed(terminal);
    for (const _ of [1, 2]) {
      terminal.resize(80, 24);
      await parsed(terminal);
      assert.equal(size(terminal), '100x30');
    }
    assert.deepEqual(await told(), ['80x24']);
  });

  it('shows what was missed at the size that it was made for, and goes on at its own', async () => {
    const { socket, say, until, cut, terminal, seen, told } = await fitted({ size: '{"cols":80,"rows":24}' });
    await say(name('before'));
    await until(1);
    await cut();
    await parsed(terminal);
    terminal.resize(100, 30);
    assert.equal(size(terminal), '100x30');
    await say(name('missed'), resized(85, 25), name('missed, too'));
    socket.reconnect();
    await until(3);
    // The server answers the size of the hello.
    await say(resized(100, 30));
    await say(name('now'));
    await until(4);
    await parsed(terminal);
    assert.deepEqual(seen, ['before 80x24', 'missed 80x24', 'missed, too 85x25', 'now 100x30']);
    assert.deepEqual(await told(), ['80x24', '100x30']);
  });

  it('goes on at its own size, though the server announces none', async () => {
    const { socket, say, until, cut, terminal, seen } = await fitted({ size: '{"cols":80,"rows":24}' });
    await cut();
    terminal.resize(100, 30);
    await say(name('missed'));
    socket.reconnect();
    await until(1);
    await say(name('now'));
    await until(2);
    await parsed(terminal);
    assert.deepEqual(seen, ['missed 80x24', 'now 100x30']);
  });

  it('tells what changes during a replay, and shows it when that is through', async () => {
    const { id, socket, say, until, cut, terminal, seen, told } = await fitted({ size: '{"cols":80,"rows":24}' });
    await cut();
    await control(id, 'flood', { text: name('missed'), times: 3 });
    socket.addEventListener('message', () => terminal.resize(100, 30), { once: true });
    socket.reconnect();
    await until(3);
    await say(resized(100, 30), name('now'));
    await until(4);
    await parsed(terminal);
    assert.equal(seen.at(-1), 'now 100x30');
    assert.isTrue(seen.slice(0, -1).every((line) => line === 'missed 80x24'), seen.join());
    // With each hello, and once among the input.
    assert.deepEqual(await told(), ['80x24', '80x24', '100x30']);
  });

  it('shows a snapshot at its size, and then has its own', async () => {
    const { id, socket, say, until, cut, terminal, seen } = await fitted({ size: '{"cols":80,"rows":24}' });
    await say('old');
    await until(1);
    await cut();
    terminal.resize(60, 20);
    await say(resized(100, 30), 'missing');
    await control(id, 'evict', { snapshot: `${name('picture')}${'x'.repeat(100)}\r\n$` });
    socket.reconnect();
    await until(2);
    assert.deepEqual(await lines(terminal), ['x'.repeat(100), '$']);
    assert.equal(size(terminal), '100x30');
    await say(resized(60, 20), name('now'));
    await until(3);
    // What was one line is one that wraps.
    assert.deepEqual(await lines(terminal), ['x'.repeat(60), 'x'.repeat(40), '$']);
    assert.deepEqual(seen, ['picture 100x30', 'now 60x20']);
  });

  it('begins a session at the size that it has, and then has its own', async () => {
    const { id, socket, say, until, terminal, seen } = await fitted({ size: '{"cols":100,"rows":30}' });
    await say(name('one'));
    await until(1);
    await control(id, 'role', { controller: 'no' });
    await say(resized(120, 40), name('two'));
    await until(2);
    await control(id, 'forget');
    const opened = next(socket, 'open');
    socket.reconnect();
    await opened;
    await say(name('three'));
    await until(3);
    await control(id, 'role', { controller: 'yes' });
    await say(name('four'));
    await until(4);
    await parsed(terminal);
    assert.deepEqual(seen, ['one 80x24', 'two 120x40', 'three 120x40', 'four 80x24']);
  });
}
