// A terminal of a Jupyter server: JSON arrays, a token, and a buffer of its own that it sends to whoever comes back.

import { Terminal } from '@xterm/xterm';
import { assert } from 'chai';
import { WebSocketManager, type EnvSocket } from 'envsocket';
import { next } from '../../web/page/support/events';
import { connection, LATE, SOON, statusIs, until } from '../../web/page/support/manager';
import document from '../../../docs/SERVERS.md?raw';
import { joinJupyter } from './jupyter-terminal';
import recipe from './jupyter-terminal.ts?raw';
import { Inbox, told, WAYS } from './support/link';
import { refused, shapes, toOpen } from './support/offers';
import { jupyterToken, kill, said, start, Tap } from './support/server';

let names = 0;

/** A tap before the server, its token, and the name of a terminal that no other test has. */
async function before(): Promise<{ tap: Tap; token: string; name: string; server: string }> {
  const tap = await Tap.before('Jupyter');
  names += 1;
  const name = `of_test_${names}_${Math.round(performance.timeOrigin)}`;
  return { tap, token: await jupyterToken(), name, server: `http://${tap.host}` };
}

/** The address of a terminal that is running, by its own protocol. */
async function running(): Promise<{ tap: Tap; url: string }> {
  const { tap, token, name, server } = await before();
  const headers = { Authorization: `token ${token}` };
  const begun = await fetch(`${server}/api/terminals`, { method: 'POST', headers, body: JSON.stringify({ name }) });
  assert.isTrue(begun.ok);
  return { tap, url: `${server}/terminals/websocket/${name}?token=${token}` };
}

/** All that the shell has printed. */
function printed(all: readonly string[]): string {
  const messages = all.map((text) => JSON.parse(text) as [string, string]);
  return messages.map(([kind, text]) => (kind === 'stdout' ? text : '')).join('');
}

/** As the docs show it, with a shell that is ready. */
async function joined(): Promise<{ tap: Tap; terminal: Terminal; socket: EnvSocket; typed(line: string): void }> {
  const { tap, token, name, server } = await before();
  const terminal = new Terminal({ cols: 100, rows: 30 });
  const socket = joinJupyter(terminal, server, token, name);
  await shows(terminal, (lines) => lines.at(-1) === '$ ');
  return { tap, terminal, socket, typed: (line) => terminal.input(`${line}\r`) };
}

function lines(terminal: Terminal): string[] {
  const { active } = terminal.buffer;
  const all = Array.from({ length: active.length }, (_, row) => active.getLine(row)!.translateToString(true));
  return all.slice(0, all.findLastIndex((line) => line !== '') + 1);
}

/** Resolves once this is true of the lines on the screen. */
function shows(terminal: Terminal, enough: (lines: string[]) => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (!enough(lines(terminal))) return;
      parsed.dispose();
      resolve();
    };
    const parsed = terminal.onWriteParsed(look);
    look();
  });
}

/** Waits until the prompt is back after what this line prints. */
function answers(terminal: Terminal, line: string): Promise<void> {
  return shows(terminal, (all) => all.includes(line) && all.at(-1) === '$ ');
}

export function jupyter(): void {
  afterEach(async () => {
    WebSocketManager.closeAll();
    await until(WebSocketManager, () => WebSocketManager.getSnapshot().connections.length === 0);
  });

  for (const [what, make] of Object.entries(WAYS)) {
    it(`runs a command for ${what}, sent as text or as bytes`, async () => {
      const { tap, url } = await running();
      const socket = make(url);
      const inbox = new Inbox(socket);
      await next(socket, 'open');
      const sent = [
        ['set_size', 24, 80],
        ['stdin', 'echo text $((6 * 7))\r'],
      ].map((message) => JSON.stringify(message));
      for (const text of sent) socket.send(text);
      await inbox.until((all) => printed(all).includes('text 42'));
      socket.send(new TextEncoder().encode(JSON.stringify(['stdin', 'echo bytes $((6 * 7))\r'])));
      await inbox.until((all) => printed(all).includes('bytes 42'));
      assert.deepEqual(JSON.parse(inbox.all[0]!), ['setup', {}]);
      const seen = await tap.seen();
      assert.deepEqual(shapes(seen.attempts), toOpen('none'));
      assert.deepEqual(said(seen).slice(0, 2), sent);
      assert.lengthOf(said(seen), 3);
    });

    for (const [status, wrong] of [
      [403, (url: string) => `${url}-not`],
      [404, (url: string) => url.replace('?', '_not?')],
    ] as const) {
      it(`fails as a WebSocket does for ${what} without retries when it is answered ${status}`, async () => {
        const { tap, url } = await running();
        const socket = make(wrong(url), { maxRetries: 0 });
        const events = told(socket);
        await next(socket, 'close');
        assert.deepEqual(events, ['failed', 'error', 'close 1006 "" unclean']);
        assert.deepEqual(shapes((await tap.seen()).attempts), refused(status));
      });
    }

    it(`sends ${what} all that it has kept, after a cut`, async () => {
      const { tap, url } = await running();
      const socket = make(url, { backoff: SOON });
      const first = new Inbox(socket);
      await next(socket, 'open');
      socket.send(JSON.stringify(['stdin', 'kept=yes; echo one $((1 + 1))\r']));
      await first.until((all) => printed(all).endsWith('one 2\r\n$ '));
      const shown = printed(first.all);
      const events = told(socket);
      const again = new Inbox(socket);
      await tap.cut('reset');
      await again.until((all) => printed(all).length >= shown.length);
      assert.deepEqual(again.all.map((text) => JSON.parse(text)), [
        ['setup', {}],
        ['stdout', shown],
      ]);
      assert.deepEqual(events, ['reconnecting', 'connected', 'gap in null null', 'gap out null null', 'open']);
      socket.send(JSON.stringify(['stdin', 'echo $kept\r']));
      await again.until((all) => printed(all).endsWith('yes\r\n$ '));
    });
  }

  it('closes without a code when the shell ends, which looks like a lost link', async () => {
    const { url } = await running();
    const { socket, manager, snapshot } = connection({ url, backoff: LATE });
    const inbox = new Inbox(socket);
    await next(socket, 'open');
    socket.send(JSON.stringify(['stdin', 'exit\r']));
    await until(manager, () => snapshot().status === 'reconnecting');
    assert.equal(inbox.all.at(-1), '["disconnect", 1]');
    assert.equal(snapshot().reason, 'the connection was lost');
  });

  describe('with what the docs show', () => {
    it('is joined as they show it', () => {
      const isThere = document.includes(`\`\`\`ts\n${recipe}\`\`\`\n`);
      assert.isTrue(isThere, 'the example in docs/SERVERS.md is not page/jupyter-terminal.ts');
    });

    it('shows the same screen after a cut, over the same shell', async () => {
      const { tap, terminal, socket, typed } = await joined();
      typed('kept=yes; stty size');
      await answers(terminal, '30 100');
      const before = lines(terminal);
      const reopened = next(socket, 'open');
      await tap.cut('reset');
      await reopened;
      typed('echo $kept');
      await answers(terminal, 'yes');
      assert.deepEqual(lines(terminal).slice(0, before.length - 1), before.slice(0, -1));
      assert.lengthOf(lines(terminal), before.length + 2);
    });

    it('answers what the terminal is asked once, and not again when it is drawn again', async () => {
      const { tap, terminal, socket, typed } = await joined();
      // Where is the cursor? The answer has no end of line, so `head` takes it byte by byte.
      typed("stty raw -echo; printf '\\033[6n'; answer=$(head -c 6); stty sane; echo taken ${#answer}");
      await answers(terminal, 'taken 6');
      const reopened = next(socket, 'open');
      await tap.cut('reset');
      await reopened;
      typed('echo whole $((1 + 1))');
      await answers(terminal, 'whole 2');
      const replies = said(await tap.seen()).filter((text) => /\[\d+;\d+R/.test(text));
      assert.lengthOf(replies, 1);
    });

    it('has what is typed while the link is down run once', async () => {
      const { tap, terminal, socket, typed } = await joined();
      await tap.refuse(true);
      await tap.cut('reset');
      await statusIs(socket, 'reconnecting');
      typed('echo away $((1 + 1))');
      await tap.seen({ refused: 2 });
      await tap.refuse(false);
      socket.reconnect();
      await answers(terminal, 'away 2');
      assert.lengthOf(lines(terminal).filter((line) => line === 'away 2'), 1);
      assert.lengthOf(said(await tap.seen()).filter((text) => text.includes('away')), 1);
    });

    it('begins a new shell after a restart, and types nothing into it that was meant for the old one', async () => {
      const { tap, terminal, socket, typed } = await joined();
      typed('kept=yes; echo old $((1 + 1))');
      await answers(terminal, 'old 2');
      await kill('Jupyter', 'SIGKILL');
      await statusIs(socket, 'reconnecting');
      typed('echo lost $((1 + 1))');
      await start('Jupyter');
      const reopened = next(socket, 'open');
      socket.reconnect();
      await reopened;
      await shows(terminal, (all) => all.join() === '$ ');
      typed('echo "new, kept: $kept"');
      await answers(terminal, 'new, kept: ');
      assert.deepEqual(said(await tap.seen()).filter((text) => text.includes('lost')), []);
    });

    it('tells the size, also one that the terminal got while the link was down', async () => {
      const { tap, terminal, socket, typed } = await joined();
      await tap.refuse(true);
      await tap.cut('finish');
      await statusIs(socket, 'reconnecting');
      terminal.resize(90, 20);
      await tap.refuse(false);
      socket.reconnect();
      await next(socket, 'open');
      typed('stty size');
      await answers(terminal, '20 90');
    });

    it('is over when the shell ends', async () => {
      const { socket, typed } = await joined();
      const events = told(socket);
      typed('exit');
      await next(socket, 'close');
      assert.equal(socket.status, 'disconnected');
      assert.notInclude(events, 'reconnecting');
    });
  });
}
