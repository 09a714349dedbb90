// What programs ask of the terminal is answered when it was asked now, and by the terminal that counts. What
// people type always arrives.

import type { Terminal } from '@xterm/xterm';
import { assert } from 'chai';
import { turn } from '../support/events';
import { LATE, statusIs } from '../support/manager';
import { control, observed } from '../support/server';
import { parsed, shown } from '../support/terminals';
import { attached, type Attached } from '../support/v1';

/** All that xterm.js answers: a sequence, and how its answer begins. */
const QUERIES: readonly (readonly [name: string, query: string, answer: string])[] = [
  ['primary attributes', '\x1b[c', '\x1b[?1;2c'],
  ['secondary attributes', '\x1b[>c', '\x1b[>0;'],
  ['the status', '\x1b[5n', '\x1b[0n'],
  ['the cursor', '\x1b[6n', '\x1b[1;'],
  ['the cursor, with a page', '\x1b[?6n', '\x1b[?1;'],
  ['a mode', '\x1b[4$p', '\x1b[4;2$y'],
  ['a private mode', '\x1b[?7$p', '\x1b[?7;1$y'],
  ['its size in pixels', '\x1b[14t', '\x1b[4;'],
  ["a cell's size in pixels", '\x1b[16t', '\x1b[6;'],
  ['its size in cells', '\x1b[18t', '\x1b[8;24;80t'],
  ['a setting', '\x1bP$qm\x1b\\', '\x1bP1$r0m'],
  ['a colour of the palette', '\x1b]4;1;?\x07', '\x1b]4;1;rgb:'],
  ['two colours, and sets one', '\x1b]4;1;?;2;#ff0000;3;?\x07', '\x1b]4;1;rgb:'],
  ['the foreground', '\x1b]10;?\x07', '\x1b]10;rgb:'],
  ['the background', '\x1b]11;?\x07', '\x1b]11;rgb:'],
  ['the cursor colour', '\x1b]12;?\x07', '\x1b]12;rgb:'],
  ['for reports of the focus', '\x1b[?1004h', '\x1b[O'],
];

const ALL = QUERIES.map(([, query]) => query).join('');

const WINDOW = { getWinSizePixels: true, getCellSizePixels: true, getWinSizeChars: true };

interface Asked extends Attached {
  readonly terminal: Terminal;
  /** What the server was sent since this was asked last, up to this text, which is typed now. */
  typed(last: string): Promise<string[]>;
}

async function asked(
  terms: Parameters<typeof attached>[1] = {},
  load?: (terminal: Terminal) => void,
): Promise<Asked> {
  const made = await attached({ backoff: LATE }, terms);
  const terminal = shown(made.socket, { windowOptions: WINDOW }, load);
  let before = 0;
  const typed = async (last: string) => {
    await parsed(terminal);
    terminal.input(last);
    for (let inputs = before + 1; ; inputs += 1) {
      const all = (await observed(made.id, { inputs })).inputs!.slice(before);
      const end = all.indexOf(last);
      if (end < 0) continue;
      before += end + 1;
      return all.slice(0, end).filter((input): input is string => typeof input === 'string');
    }
  };
  await typed('begun');
  return { ...made, terminal, typed };
}

/** Whether reports of the focus were asked for, a colour was set, and so on: queries do what they did. */
function isHeeded({ modes }: Terminal): boolean {
  return modes.sendFocusMode;
}

export function answers(): void {
  for (const [name, query, answer] of QUERIES) {
    it(`answers who asks ${name}`, async () => {
      const { say, until, typed } = await asked();
      await say(query);
      await until(1);
      const answers = await typed('done');
      assert.isNotEmpty(answers);
      assert.isTrue(answers[0]!.startsWith(answer), JSON.stringify(answers));
    });
  }

  it('does not answer what was asked while the link was down, and answers what comes after it', async () => {
    const { socket, say, until, cut, typed, terminal } = await asked();
    await cut();
    await say(ALL, 'text');
    socket.reconnect();
    await until(2);
    assert.deepEqual(await typed('done'), []);
    assert.isTrue(isHeeded(terminal));
    await say('\x1b[5n');
    await until(3);
    assert.deepEqual(await typed('again'), ['\x1b[0n']);
  });

  it('answers what is asked now, though what is old is parsed in the same task', async () => {
    let goOn: (isDone: boolean) => void = () => undefined;
    const { socket, say, until, cut, typed } = await asked({}, ({ parser }) => {
      parser.registerOscHandler(1_000, () => new Promise((passed) => (goOn = passed)));
    });
    await cut();
    await say('\x1b]1000;\x07\x1b[5n');
    socket.reconnect();
    await until(1);
    await say('\x1b[6n');
    await until(2);
    await turn();
    goOn(true);
    assert.deepEqual(await typed('done'), ['\x1b[1;1R']);
  });

  it('does not answer what is old, though another addon looks at it for a while', async () => {
    const later = async () => {
      await turn();
      return false;
    };
    const { socket, say, until, cut, typed } = await asked({}, ({ parser }) => {
      parser.registerCsiHandler({ final: 'n' }, later);
    });
    await cut();
    await say('\x1b[6n\x1b[5n');
    socket.reconnect();
    await until(1);
    assert.deepEqual(await typed('done'), []);
    await say('\x1b[5n');
    await until(2);
    assert.deepEqual(await typed('again'), ['\x1b[0n']);
  });

  it('keeps what a program types in the task in which old questions are parsed', async () => {
    const { socket, say, until, cut, typed, terminal } = await asked();
    await cut();
    await say(`${ALL}login:`);
    terminal.onWriteParsed(() => {
      if (terminal.buffer.active.getLine(0)!.translateToString(true) === 'login:') terminal.input('me');
    });
    socket.reconnect();
    await until(1);
    assert.include(await typed('done'), 'me');
  });

  it('does not answer a snapshot', async () => {
    const { id, socket, say, until, cut, typed, terminal } = await asked();
    await cut();
    await say('missing');
    await control(id, 'evict', { snapshot: `picture${ALL}` });
    socket.reconnect();
    await until(1);
    assert.deepEqual(await typed('done'), []);
    assert.isTrue(isHeeded(terminal));
    await say('\x1b[5n');
    await until(2);
    assert.deepEqual(await typed('again'), ['\x1b[0n']);
  });

  it('does not answer what another terminal answers, until it counts itself', async () => {
    const { id, say, until, typed } = await asked({ controller: 'no' });
    await say(ALL);
    await until(1);
    assert.deepEqual(await typed('done'), []);
    await control(id, 'role', { controller: 'yes' });
    await say('\x1b[5n');
    await until(2);
    assert.deepEqual(await typed('again'), ['\x1b[0n']);
    await control(id, 'role', { controller: 'no' });
    await say(ALL);
    await until(3);
    assert.deepEqual(await typed('last'), []);
  });

  it('goes by when a query came, not by when it is parsed', async () => {
    const { id, socket, say, until, typed } = await asked();
    // Behind a megabyte, which takes a while.
    await control(id, 'flood', { text: `${'x'.repeat(1_000)}\r\n`, times: 1_000 });
    await say('\x1b[5n');
    const lost = new Promise((lost) => socket.addEventListener('rolechange', lost, { once: true }));
    await control(id, 'role', { controller: 'no' });
    await lost;
    await say('\x1b[5n');
    await until(1_002);
    assert.deepEqual(await typed('done'), ['\x1b[0n']);
  });

  it('does not let the clipboard be read by what is old', async () => {
    const clipboard = (terminal: Terminal) => {
      terminal.parser.registerOscHandler(52, async (data) => {
        await turn();
        terminal.input(`read ${data}`, false);
        return true;
      });
    };
    const { socket, say, until, cut, typed } = await asked({}, clipboard);
    await cut();
    await say('\x1b]52;c;?\x07');
    socket.reconnect();
    await until(1);
    assert.deepEqual(await typed('done'), []);
    await say('\x1b]52;c;?\x07');
    await until(2);
    assert.deepEqual(await typed('again'), ['read c;?']);
  });

  it('keeps what is typed between the queries of a long replay', async () => {
    const { id, socket, cut, terminal, until } = await asked();
    await cut();
    const times = 4_000;
    await control(id, 'flood', { text: `${'x'.repeat(1_000)}\x1b[5n\x1b[6n${'y'.repeat(500)}\r\n`, times });
    const before = (await observed(id)).inputs!.length;
    let isParsed = false;
    const opened = statusIs(socket, 'connected');
    socket.reconnect();
    await opened;
    const all = until(times).then(async () => {
      await parsed(terminal);
      isParsed = true;
    });
    // Each in a task of its own, as keys come.
    const typed: string[] = [];
    while (!isParsed) {
      await turn();
      typed.push(`key ${typed.length}`);
      terminal.input(typed.at(-1)!);
    }
    await all;
    assert.isAbove(typed.length, 10);
    const { inputs } = await observed(id, { inputs: before + typed.length });
    assert.deepEqual(inputs!.slice(before), typed);
  });
}
