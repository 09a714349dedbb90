// A terminal's messages are consumed when they are parsed; by a page that is hidden and behind, when it is seen.

import type { Terminal } from '@xterm/xterm';
import { assert } from 'chai';
import { EnvSocketAddon } from 'envsocket/xterm';
import { LATE } from '../support/manager';
import { control } from '../support/server';
import { lines, parsed, shown } from '../support/terminals';
import { attached, toldThat, type Attached } from '../support/v1';

/** What the terminal stops at. */
const STOP = '\x1b]1000;\x07';

/** What is more than a hidden page may be behind with. */
const BLOCK = 'x'.repeat(1_000);
const BLOCKS = 132;

interface Stopping extends Attached {
  readonly terminal: Terminal;
  /** Has it parse on. */
  goOn(): void;
}

async function stopping(): Promise<Stopping> {
  const made = await attached({ backoff: LATE });
  const terminal = shown(made.socket);
  let goOn: () => void = () => undefined;
  terminal.parser.registerOscHandler(
    1_000,
    () => new Promise((passed) => (goOn = () => passed(true))),
  );
  return { ...made, terminal, goOn: () => goOn() };
}

/** As if nobody saw the page, until it is called back. */
function hide(): () => void {
  const tell = () => document.dispatchEvent(new Event('visibilitychange'));
  Object.defineProperty(document, 'hidden', { value: true, configurable: true });
  tell();
  return () => {
    Reflect.deleteProperty(document, 'hidden');
    tell();
  };
}

/** All that has come is parsed, and a while has passed in which credit could have been told. */
async function settled({ id, say, terminal }: Stopping, received: number, consumed: number): Promise<void> {
  await parsed(terminal);
  await say('more');
  await toldThat(id, received + 1, consumed);
}

export function parsing(): void {
  it('consumes what is parsed', async () => {
    const { id, say, until, goOn, terminal } = await stopping();
    await say('one', `${STOP}two`, 'three');
    await until(3);
    await toldThat(id, 3, 1);
    goOn();
    await toldThat(id, 3, 3);
    assert.deepEqual(await lines(terminal), ['onetwothree']);
  });

  it('consumes nothing in a hidden page that is behind, and all that is parsed when it is seen', async () => {
    const made = await stopping();
    const { id, say, until, goOn } = made;
    const show = hide();
    try {
      await say('one', STOP);
      await control(id, 'flood', { text: BLOCK, times: BLOCKS });
      await until(2 + BLOCKS);
      await toldThat(id, 2 + BLOCKS, 1);
      goOn();
      await settled(made, 2 + BLOCKS, 1);
    } finally {
      show();
    }
    await toldThat(id, 3 + BLOCKS, 3 + BLOCKS);
    await say('seen');
    await toldThat(id, 4 + BLOCKS, 4 + BLOCKS);
  });

  it('goes on consuming in a hidden page that keeps up', async () => {
    const { id, say } = await stopping();
    const show = hide();
    try {
      for (const number of [1, 2, 3]) {
        await say('line');
        await toldThat(id, number, number);
      }
    } finally {
      show();
    }
  });

  it('goes on consuming in a page that is seen, however far it is behind', async () => {
    const { id, say, until, goOn } = await stopping();
    await say(STOP);
    await control(id, 'flood', { text: BLOCK, times: BLOCKS });
    await until(1 + BLOCKS);
    const show = hide();
    try {
      goOn();
      await toldThat(id, 1 + BLOCKS, 1 + BLOCKS);
    } finally {
      show();
    }
  });

  it('holds on to nothing once the addon is disposed of', async () => {
    const { id, socket, say, until } = await attached();
    const terminal = shown(socket, {}, ({ parser }) => {
      parser.registerOscHandler(1_000, () => new Promise(() => undefined));
    });
    const addon = new EnvSocketAddon(socket);
    terminal.loadAddon(addon);
    await say(`one${STOP}`, 'two');
    await until(2);
    await toldThat(id, 2, 0);
    addon.dispose();
    await toldThat(id, 2, 0);
    terminal.dispose();
    await toldThat(id, 2, 2);
    await say('three');
    await toldThat(id, 3, 3);
  });

  it('holds on to nothing in a hidden page, either', async () => {
    const { id, say, until, terminal } = await stopping();
    const show = hide();
    try {
      await say(STOP);
      await control(id, 'flood', { text: BLOCK, times: BLOCKS });
      await until(1 + BLOCKS);
      await toldThat(id, 1 + BLOCKS, 0);
      terminal.dispose();
      await toldThat(id, 1 + BLOCKS, 1 + BLOCKS);
      await say('more');
      await toldThat(id, 2 + BLOCKS, 2 + BLOCKS);
    } finally {
      show();
    }
  });

  it('keeps its credit through a reconnect', async () => {
    const { id, socket, say, until, cut, goOn } = await stopping();
    await say('one', STOP);
    await until(2);
    await cut();
    await say('three');
    socket.reconnect();
    await until(3);
    await toldThat(id, 3, 1);
    goOn();
    await toldThat(id, 3, 3);
  });

  it('writes what a program dispatches by hand', async () => {
    const { socket, terminal } = await stopping();
    socket.dispatchEvent(new MessageEvent('message', { data: 'by hand' }));
    assert.deepEqual(await lines(terminal), ['by hand']);
  });
}
