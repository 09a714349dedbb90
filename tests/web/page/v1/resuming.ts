// A link is lost, and nothing else: each message arrives exactly once, both ways.

import { assert } from 'chai';
import { next, turn } from '../support/events';
import { LATE, statusIs } from '../support/manager';
import { control, observed } from '../support/server';
import { attach, attached, collected, numbered } from '../support/v1';

export function resuming(): void {
  it('goes on in silence after a cut: what was said meanwhile arrives, and `open` does not fire again', async () => {
    const { id, socket, manager, heard, say, until, cut } = await attached({ backoff: LATE });
    const statuses: string[] = [];
    socket.addEventListener('statuschange', ({ detail }) => statuses.push(detail.status));
    await say('before');
    await until(1);
    await cut();
    await say('meanwhile');
    socket.reconnect();
    await statusIs(socket, 'connected');
    await say('afterwards');
    assert.deepEqual(await until(3), ['before', 'meanwhile', 'afterwards']);
    assert.deepEqual(statuses, ['reconnecting', 'connected']);
    assert.include(heard, { opens: 1 });
    assert.deepEqual([heard.gaps, heard.discarded], [[], []]);
    const { resumed, replayed, lost, messagesIn } = manager.getMetrics();
    assert.deepEqual({ resumed, replayed, lost, messagesIn }, { resumed: 1, replayed: 1, lost: 0, messagesIn: 3 });
    assert.lengthOf((await observed(id)).sessions!, 1);
  });

  it('sends once what was sent before, during and after a cut', async () => {
    const { id, socket, cut, heard } = await attached();
    socket.send('before');
    await cut();
    socket.send('during');
    await statusIs(socket, 'connected');
    socket.send('after');
    assert.deepEqual((await observed(id, { inputs: 3 })).inputs, ['before', 'during', 'after']);
    assert.deepEqual(heard.gaps, []);
  });

  for (const acks of ['each', 'none']) {
    it(`sends again what was under way at a cut, and nothing else, with acknowledgements of ${acks}`, async () => {
      const { id, socket, manager } = await attached({}, { acks });
      await control(id, 'cutAfter', { kind: 'input', count: 4 });
      const lines = numbered(10);
      for (const line of lines) socket.send(line);
      assert.deepEqual((await observed(id, { inputs: 10 })).inputs, lines);
      assert.equal(manager.getMetrics().messagesOut, 10);
    });
  }

  it('tells once what was under way at a cut, and nothing else', async () => {
    const { id, say, until, heard } = await attached();
    await control(id, 'cutAfter', { kind: 'output', count: 4 });
    await say(...numbered(10));
    await until(10);
    await say('last');
    assert.deepEqual(await until(11), [...numbered(10), 'last']);
    assert.deepEqual(heard.gaps, []);
  });

  it('loses and doubles nothing in ten cuts, while both sides talk', async () => {
    const { id, socket, say, until, heard } = await attached();
    for (let round = 0; round < 10; round += 1) {
      await control(id, 'cutAfter', { kind: round % 2 ? 'input' : 'output', count: 1 + (round % 3) });
      for (const line of numbered(5, round * 5 + 1)) socket.send(line);
      await say(...numbered(5, round * 5 + 1));
      await until(round * 5 + 5);
    }
    assert.deepEqual((await observed(id, { inputs: 50 })).inputs, numbered(50));
    assert.deepEqual(heard.messages, numbered(50));
    assert.include(heard, { opens: 1 });
    assert.deepEqual(heard.gaps, []);
  });

  it('sends once what was sent between the close frame and its event, though the terminal is resized then', async () => {
    const [undo, natives] = collected();
    try {
      const { id, socket, heard } = await attached();
      socket.resize(80, 24);
      socket.send('before');
      await observed(id, { inputs: 2 });
      await control(id, 'closing', { code: 1012 });
      // Chromium does not take anything from here on, and tells when the TCP connection is closed; Firefox tells now.
      while (natives[0]!.readyState === WebSocket.OPEN) await turn();
      socket.send('between');
      socket.resize(81, 24);
      await control(id, 'drop');
      await statusIs(socket, 'reconnecting').then(() => statusIs(socket, 'connected'));
      socket.send('after');
      let texts: unknown[] = [];
      for (let inputs = 3; !texts.includes('after'); inputs += 1) {
        texts = (await observed(id, { inputs })).inputs!.filter((input) => typeof input === 'string');
      }
      assert.deepEqual(texts, ['before', 'between', 'after']);
      assert.deepEqual([heard.gaps, heard.discarded], [[], []]);
    } finally {
      undo();
    }
  });

  it('begins one session, though welcomes and hellos are lost', async () => {
    const { id, socket, heard } = attach({}, { lose: 'welcome,hello,welcome' });
    socket.send('kept');
    await statusIs(socket, 'connected');
    const { inputs, sessions, frames } = await observed(id, { inputs: 1 });
    assert.deepEqual(inputs, ['kept']);
    assert.lengthOf(sessions!, 1);
    const hellos = frames!.filter(({ type }) => type === 'hello');
    assert.deepEqual(hellos.map(({ attempt }) => attempt), [1, 2, 3, 4]);
    assert.deepEqual(hellos.map(({ epoch }) => epoch), [null, null, null, null]);
    assert.include(heard, { opens: 1 });
  });

  it('brings what was sent into a black hole, once its silence was noticed', async () => {
    const { id, socket, say, until, heard } = await attached({}, { heartbeatMs: 100 });
    await control(id, 'blackhole');
    socket.send('into the dark');
    await say('out of the dark');
    assert.deepEqual(await until(1), ['out of the dark']);
    assert.deepEqual((await observed(id, { inputs: 1 })).inputs, ['into the dark']);
    assert.deepEqual([heard.opens, heard.gaps], [1, []]);
  });

  it('loses nothing by reconnect() on a link that is alive', async () => {
    const { id, socket, say, until, heard, manager } = await attached();
    socket.send('one');
    socket.reconnect();
    socket.send('two');
    await say('three');
    await until(1);
    assert.deepEqual((await observed(id, { inputs: 2 })).inputs, ['one', 'two']);
    assert.deepEqual([heard.opens, heard.gaps, manager.getMetrics().resumed], [1, [], 1]);
    // Not a goodbye, which would have the server forget.
    assert.deepEqual((await observed(id, { closes: 1 })).closes, [{ code: 4408, reason: '' }]);
  });

  it('opens for the application, though a listener of the status reconnects before that', async () => {
    const { socket, heard, until, say } = attach();
    const [again, opened] = [Promise.withResolvers<void>(), next(socket, 'open')];
    const reconnect = ({ detail }: CustomEvent<{ status: string }>) => {
      if (detail.status !== 'connected') return;
      socket.removeEventListener('statuschange', reconnect);
      socket.reconnect();
      again.resolve();
    };
    socket.addEventListener('statuschange', reconnect);
    await again.promise;
    await opened;
    await statusIs(socket, 'connected');
    await say('hello');
    await until(1);
    assert.include(heard, { opens: 1 });
  });

  it('sends again what it was given, whatever became of it since, text as text and bytes as bytes', async () => {
    const { id, socket } = await attached();
    const bytes = new Uint8Array([1, 2, 3]);
    // The first input is taken, and the link is cut with it: the rest was sent into nothing.
    await control(id, 'cutAfter', { kind: 'input', count: 1 });
    socket.send('first');
    socket.send(bytes);
    bytes.fill(9);
    socket.send('日本');
    assert.deepEqual((await observed(id, { inputs: 3 })).inputs, ['first', [1, 2, 3], '日本']);
  });

  it('carries text that begins with U+0000 both ways, again after a cut, too', async () => {
    const { id, socket, say, until } = await attached();
    const texts = ['\0', '\0\0', '\0{"type":"ack"}', 'plain'];
    await control(id, 'cutAfter', { kind: 'input', count: 1 });
    for (const text of texts) socket.send(text);
    assert.deepEqual((await observed(id, { inputs: 4 })).inputs, texts);
    await control(id, 'cutAfter', { kind: 'output', count: 1 });
    await say(...texts);
    assert.deepEqual(await until(4), texts);
  });

  it("hands listeners an event whose text and target are the application's", async () => {
    const { socket, say } = await attached();
    const heard = next(socket, 'message');
    await say('\0escaped');
    const event = (await heard) as MessageEvent;
    assert.strictEqual(event.target, socket);
    assert.equal(event.data, '\0escaped');
    assert.instanceOf(event, MessageEvent);
    assert.isTrue(event.isTrusted);
  });

  it('acknowledges what it has received', async () => {
    const { id, say, until } = await attached();
    await say('one', 'two');
    await until(2);
    let acks;
    for (let frames = 2; !acks; frames += 1) {
      acks = (await observed(id, { frames })).frames!.find(({ type, received }) => type === 'ack' && received === 2);
    }
    assert.include(acks, { sent: 0, received: 2, consumed: 2 });
  });

  it('measures the round trip', async () => {
    const { id, manager } = await attached({}, { heartbeatMs: 100 });
    // The first ping comes with the welcome; when the second one does, the first was answered.
    const pings = async (frames: number): Promise<void> => {
      const all = (await observed(id, { frames })).frames!;
      if (all.filter(({ type }) => type === 'ping').length < 2) await pings(frames + 1);
    };
    await control(id, 'raw', { text: '\0{"type":"ping","sent":0,"received":0,"consumed":0}' });
    await pings(2);
    const { rttMs } = manager.getMetrics();
    assert.isNotNull(rttMs);
    assert.isAbove(rttMs!.last, 0);
  });

  it('says goodbye when it is closed, and the pair is free', async () => {
    const { id, socket, manager } = await attached();
    socket.close(1000, 'done');
    const { code, wasClean } = await next(socket, 'close');
    assert.deepEqual([code, wasClean], [1000, true]);
    assert.deepEqual((await observed(id, { closes: 1 })).closes, [{ code: 1000, reason: 'done' }]);
    assert.deepEqual(manager.debugResources(), { sockets: 0, timers: 0, closures: 0, listeners: 0, retainedBytes: 0 });
  });

  it('ends when the source does, with its words', async () => {
    const { socket, say, heard } = await attached();
    const closed = next(socket, 'close');
    await say('last words', { type: 'end', code: 0 });
    const { code, reason } = await closed;
    assert.deepEqual([code, reason], [1000, 'the source has ended']);
    assert.deepEqual([heard.messages, socket.status], [['last words'], 'disconnected']);
  });
}
