// `envsocket/xterm` on a server that speaks the resume protocol.

import { Terminal } from '@xterm/xterm';
import { assert } from 'chai';
import { EnvSocketAddon, keepTerminal } from 'envsocket/xterm';
import { passed } from '../support/clock';
import { errorsDuring, next, turn } from '../support/events';
import { LATE, statusIs } from '../support/manager';
import { control, observed } from '../support/server';
import { lines } from '../support/terminals';
import { attach, attached, collected, detail } from '../support/v1';

export function terminals(): void {
  it('leaves the terminal as it is when nothing was lost', async () => {
    const { socket, say, until, cut } = await attached({ backoff: LATE });
    const terminal = new Terminal();
    terminal.loadAddon(new EnvSocketAddon(socket));
    await say('one\r\n');
    await until(1);
    await cut();
    await say('two');
    socket.reconnect();
    await until(2);
    assert.deepEqual(await lines(terminal), ['one', 'two']);
  });

  it('resets the terminal before a snapshot, and for no other gap', async () => {
    const { id, socket, say, until, cut } = await attached({ backoff: LATE });
    const terminal = new Terminal();
    terminal.loadAddon(new EnvSocketAddon(socket));
    await say('one\r\n');
    await until(1);
    await cut();
    await say('missing');
    await control(id, 'evict');
    await say('two');
    socket.reconnect();
    await until(2);
    assert.deepEqual(await lines(terminal), ['one', 'two']);
    await cut();
    await say('missing, too');
    await control(id, 'evict', { snapshot: 'the screen' });
    socket.reconnect();
    await until(3);
    assert.deepEqual(await lines(terminal), ['the screen']);
  });

  for (const [sequence, half] of [
    ['a title', '\x1b]0;half a tit'],
    ['a cursor movement', '\x1b[3'],
    ['a device string', '\x1bPq'],
  ] as const) {
    const cutIn = async () => {
      const made = await attached({ backoff: LATE });
      const terminal = new Terminal();
      terminal.loadAddon(new EnvSocketAddon(made.socket));
      await made.say([...half].map((char) => char.charCodeAt(0)));
      await made.until(1);
      await made.cut();
      return { ...made, terminal };
    };

    it(`begins anew with a new session, though the old one was cut within ${sequence}`, async () => {
      const { id, socket, say, until, terminal } = await cutIn();
      await control(id, 'forget');
      const opened = next(socket, 'open');
      socket.reconnect();
      await opened;
      await say([...'$ prompt'].map((char) => char.charCodeAt(0)));
      await until(2);
      assert.deepEqual(await lines(terminal), ['$ prompt']);
    });

    it(`shows a snapshot whole, though the output was cut within ${sequence}`, async () => {
      const { id, socket, say, until, terminal } = await cutIn();
      await say('missing');
      await control(id, 'evict', { snapshot: '$ picture' });
      socket.reconnect();
      await until(2);
      assert.deepEqual(await lines(terminal), ['$ picture']);
    });
  }

  it('refuses what is typed while the queue is full, on an open link, too, and takes it again afterwards', async () => {
    const [undo, natives] = collected();
    const { id, socket } = await attached({ maxQueuedBytes: 100 }, { credit: 350, acks: 'none' });
    undo();
    const terminal = new Terminal();
    terminal.loadAddon(new EnvSocketAddon(socket));
    const line = 'x'.repeat(60);
    const errors = await errorsDuring(() => {
      // The credit, the queue, one too many, and what would have room if there were no hole before it.
      for (const typed of [line, line, line, line, '!', '\x03']) terminal.input(typed);
    });
    assert.lengthOf(errors, 1);
    assert.equal(socket.status, 'connected');
    await control(id, 'acknowledge');
    while (socket.bufferedAmount > 0) await turn();
    // As if the protocol had just said something of its own.
    Object.defineProperty(natives[0], 'bufferedAmount', { value: 50 });
    assert.equal(socket.bufferedAmount, 50);
    terminal.input('again');
    let texts: unknown[] = [];
    for (let inputs = 1; !texts.includes('again'); inputs += 1) {
      texts = (await observed(id, { inputs })).inputs!.filter((input) => typeof input === 'string');
    }
    assert.deepEqual(texts, [line, line, line, 'again']);
  });

  it("tells the terminal's size, and every other that it gets", async () => {
    const { id, socket } = attach();
    const terminal = new Terminal({ cols: 90, rows: 20 });
    const addon = new EnvSocketAddon(socket);
    terminal.loadAddon(addon);
    await statusIs(socket, 'connected');
    const [hello] = (await observed(id)).frames!;
    assert.deepInclude(hello, { cols: 90, rows: 20 });
    terminal.resize(100, 30);
    assert.deepEqual((await observed(id, { inputs: 1 })).inputs, [{ cols: 100, rows: 30 }]);
    addon.dispose();
    terminal.resize(110, 40);
    socket.send('last');
    assert.deepEqual((await observed(id, { inputs: 2 })).inputs![1], 'last');
  });

  it('does not take for old what was typed a moment ago, over the link that was open when the terminal came', async () => {
    // A page so young that everything on it is young would prove nothing.
    const undo = passed(60_000);
    try {
      const { id, socket, heard } = await attached({ backoff: LATE });
      const { terminal } = keepTerminal(socket, () => new Terminal());
      // The size goes first.
      await observed(id, { inputs: 1 });
      await control(id, 'cutAfter', { kind: 'input', count: 1 });
      const lost = statusIs(socket, 'reconnecting');
      for (const text of ['taken', 'cut off']) terminal.input(text);
      await lost;
      socket.reconnect();
      const { inputs } = await observed(id, { inputs: 3 });
      assert.deepEqual(inputs!.slice(1), ['taken', 'cut off']);
      assert.deepEqual(heard.discarded, []);
    } finally {
      undo();
    }
  });

  for (const [what, maxInputAgeMs, isSent] of [
    ['discards what was typed five seconds ago', undefined, false],
    ['goes by what the application has set', 60_000, true],
  ] as const) {
    it(`${what}, in a terminal that is kept`, async () => {
      const options = { backoff: LATE, ...(maxInputAgeMs && { maxInputAgeMs }) };
      const { id, socket, cut } = await attached(options);
      const { terminal } = keepTerminal(socket, () => new Terminal());
      // It holds from the next attempt on.
      socket.reconnect();
      await statusIs(socket, 'connected');
      await observed(id, { inputs: 0, attempts: 2 });
      await cut();
      terminal.input('typed');
      const undo = passed(5_001);
      try {
        const discarded = detail(socket, 'discarded');
        socket.reconnect();
        if (!isSent) assert.include(await discarded, { messages: 1, reason: 'older than maxInputAgeMs' });
        await statusIs(socket, 'connected');
        terminal.input('again');
        const typed = isSent ? ['typed', 'again'] : ['again'];
        const { inputs } = await observed(id, { inputs: typed.length });
        assert.deepEqual(inputs!.filter((input) => typeof input === 'string'), typed);
      } finally {
        undo();
      }
    });
  }
}
