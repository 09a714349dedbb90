// A server that lets a connection only read.

import { Terminal } from '@xterm/xterm';
import { assert } from 'chai';
import { EnvSocketAddon } from 'envsocket/xterm';
import { slow } from '../support/blobs';
import { next } from '../support/events';
import { connection, LATE, statusIs } from '../support/manager';
import { at, control, observed } from '../support/server';
import { attach, attached, detail } from '../support/v1';

const READ_ONLY = { readOnly: 'yes' };

function assertRefused(act: () => void): void {
  try {
    act();
  } catch (error) {
    assert.instanceOf(error, DOMException);
    const { name, message } = error as DOMException;
    assert.equal(name, 'NotAllowedError');
    assert.equal(message, 'send: the server lets this connection only read; data was not sent');
    return;
  }
  assert.fail('it did not throw');
}

/** Has the server change its mind, and resolves when the link is back. */
async function change(id: string, readOnly: 'yes' | 'no', socket: Parameters<typeof statusIs>[0]): Promise<void> {
  const lost = statusIs(socket, 'reconnecting');
  await control(id, 'access', { readOnly });
  await lost;
  socket.reconnect();
  await statusIs(socket, 'connected');
}

export function access(): void {
  it('says so before it is open, delivers, and refuses to send', async () => {
    const { id, socket, say, until } = attach({}, READ_ONLY);
    const told: unknown[] = [];
    socket.addEventListener('accesschange', ({ detail }) => told.push(detail, socket.isReadOnly));
    socket.addEventListener('open', () => told.push('open', socket.isReadOnly));
    assert.isFalse(socket.isReadOnly);
    await statusIs(socket, 'connected');
    assert.deepEqual(told, [{ readOnly: true }, true, 'open', true]);
    for (const data of ['text', new Uint8Array(1), new Blob(['blob'])]) assertRefused(() => socket.send(data));
    await say('one');
    assert.deepEqual(await until(1), ['one']);
    const { inputs, closes } = await observed(id);
    assert.deepEqual([inputs, closes, socket.bufferedAmount], [undefined, [], 0]);
  });

  it('may send unless a server says otherwise', async () => {
    const { socket } = await attached();
    assert.isFalse(socket.isReadOnly);
    const plain = connection({ url: at('/echo') }).socket;
    await next(plain, 'open');
    assert.isFalse(plain.isReadOnly);
  });

  it('changes with a later welcome, both ways', async () => {
    const { id, socket } = await attached({ backoff: LATE });
    const told: boolean[] = [];
    socket.addEventListener('accesschange', ({ detail }) => told.push(detail.readOnly));
    socket.send('one');
    await observed(id, { inputs: 1 });
    await change(id, 'yes', socket);
    assertRefused(() => socket.send('two'));
    await change(id, 'no', socket);
    socket.send('three');
    assert.deepEqual((await observed(id, { inputs: 2 })).inputs, ['one', 'three']);
    assert.deepEqual(told, [true, false]);
  });

  it('discards what was sent before it was known, Blobs and what waits behind them included', async () => {
    const { id, socket, heard } = await attached({ backoff: LATE });
    const { blob, end } = slow('read too late');
    const lost = statusIs(socket, 'reconnecting');
    await control(id, 'access', READ_ONLY);
    await lost;
    const messages = ['one', 'two', blob, 'behind the Blob'];
    for (const message of messages) socket.send(message);
    const discarded = detail(socket, 'discarded');
    socket.reconnect();
    await discarded;
    await statusIs(socket, 'connected');
    end();
    assert.deepEqual(socket.drain(), messages);
    assert.isTrue(heard.discarded.every(({ reason }) => reason === 'read-only'));
    assert.equal(heard.discarded.reduce((sum, { messages }) => sum + messages, 0), 4);
    await change(id, 'no', socket);
    socket.send('three');
    assert.deepEqual((await observed(id, { inputs: 1 })).inputs, ['three']);
  });

  it('may send again in another life, until the server says otherwise', async () => {
    const { socket } = await attached({}, READ_ONLY);
    const closed = next(socket, 'close');
    socket.close();
    await closed;
    const told: boolean[] = [];
    socket.addEventListener('accesschange', ({ detail }) => told.push(detail.readOnly));
    socket.reconnect();
    assert.isFalse(socket.isReadOnly);
    await statusIs(socket, 'connected');
    assert.deepEqual(told, [false, true]);
  });

  for (const before of [false, true]) {
    it(`has a terminal take no input, and leaves it as it was (disableStdin: ${before})`, async () => {
      const { id, socket } = await attached({ backoff: LATE });
      const terminal = new Terminal({ disableStdin: before });
      const addon = new EnvSocketAddon(socket);
      terminal.loadAddon(addon);
      assert.equal(terminal.options.disableStdin, before);
      await change(id, 'yes', socket);
      assert.isTrue(terminal.options.disableStdin);
      terminal.input('typed');
      await change(id, 'no', socket);
      assert.equal(terminal.options.disableStdin, before);
      await change(id, 'yes', socket);
      addon.dispose();
      assert.equal(terminal.options.disableStdin, before);
      const { inputs = [] } = await observed(id);
      assert.isEmpty(inputs.filter((input) => typeof input === 'string'));
    });
  }

  for (const wanted of [false, true]) {
    it(`leaves a terminal as the page wants it by then (disableStdin: ${wanted})`, async () => {
      const { id, socket } = await attached({ backoff: LATE }, READ_ONLY);
      const terminal = new Terminal({ disableStdin: !wanted });
      const addon = new EnvSocketAddon(socket);
      terminal.loadAddon(addon);
      terminal.options.disableStdin = wanted;
      assert.isTrue(terminal.options.disableStdin);
      await change(id, 'no', socket);
      assert.equal(terminal.options.disableStdin, wanted);
      await change(id, 'yes', socket);
      terminal.options = { disableStdin: !wanted };
      addon.dispose();
      assert.equal(terminal.options.disableStdin, !wanted);
      terminal.options.disableStdin = wanted;
      assert.equal(terminal.options.disableStdin, wanted);
      terminal.dispose();
    });
  }

  it('sends nothing that a terminal has to say while it may only read', async () => {
    const { id, socket, say, until, heard } = await attached({}, READ_ONLY);
    const terminal = new Terminal();
    terminal.loadAddon(new EnvSocketAddon(socket));
    assert.isTrue(terminal.options.disableStdin);
    // The page may let people type for reasons of its own.
    terminal.options.disableStdin = false;
    terminal.input('typed');
    await say('\x1b[c');
    await until(1);
    await new Promise<void>((parsed) => terminal.write('', parsed));
    terminal.resize(100, 30);
    await say('still there');
    await until(2);
    const { inputs, closes } = await observed(id);
    assert.deepEqual([inputs, closes, heard.discarded], [undefined, [], []]);
  });
}
