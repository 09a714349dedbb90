// Channels: what comes under one name, the history that a server sends of it, and who is told.

import { assert } from 'chai';
import type { Channel } from 'envsocket';
import { assertThrows, errorsDuring, next } from '../support/events';
import { SOON, statusIs } from '../support/manager';
import { control } from '../support/server';
import { chat, openChat, rejection, type Chat } from '../support/questions';
import { attached } from '../support/v1';

/** A server's message of a channel. */
function live(channel: string, data: unknown): string {
  return JSON.stringify({ channel, data });
}

/** A server's message of what channels had. */
function past(...entries: [channel: string, data: unknown][]): string {
  return JSON.stringify({ channel: 'any:history', data: entries.map(([channel, data]) => ({ channel, data })) });
}

/** Has the server say this, and resolves when all of it was heard. */
async function heard({ socket, says }: Chat, ...messages: string[]): Promise<void> {
  for (const message of messages) await says(message);
  const last = socket.ask('mark', { answer: (data) => data === 'mark' });
  await says('mark');
  await last;
}

/** What a channel tells from now on. */
function told<T>(channel: Channel<T>): [data: T, isHistory: boolean][] {
  const all: [T, boolean][] = [];
  channel.subscribe((data, isHistory) => all.push([data, isHistory]));
  return all;
}

export function channels(): void {
  it('brings what comes under its name, in order, and nothing else', async () => {
    const talk = await openChat();
    const [log, other] = [talk.socket.channel<unknown>('log'), talk.socket.channel('other')];
    const [all, others] = [told(log), told(other)];
    await heard(
      talk,
      live('log', 1),
      live('other', 'x'),
      live('unknown', 2),
      live('Log', 3),
      '{"channel":"log"}',
      '{"channel":7,"data":1}',
      '{"channel":"log","data":',
      '["log"]',
      'log',
      ` \n${live('log', null)}`,
      live('log', { deep: ['er'] }),
    );
    assert.deepEqual(all, [[1, false], [null, false], [{ deep: ['er'] }, false]]);
    assert.deepEqual(others, [['x', false]]);
    assert.deepEqual(log.history, [1, null, { deep: ['er'] }]);
  });

  it('is the same object for the same name, until it is closed', async () => {
    const { socket } = await openChat();
    const log = socket.channel('log');
    assert.strictEqual(socket.channel('log', { history: 7 }), log);
    assert.notStrictEqual(socket.channel('log '), log);
    assert.deepEqual([log.name, log.isClosed], ['log', false]);
    log.close();
    log.close();
    assert.isTrue(log.isClosed);
    assert.notStrictEqual(socket.channel('log'), log);
    assertThrows(() => log.subscribe(() => {}), 'InvalidStateError');
  });

  it('tells a late subscriber the history first, before subscribe returns, then what comes', async () => {
    const talk = await openChat();
    const log = talk.socket.channel('log');
    await heard(talk, live('log', 1), live('log', 2));
    const late = told(log);
    assert.deepEqual(late, [[1, true], [2, true]]);
    await heard(talk, live('log', 3));
    assert.deepEqual(late, [[1, true], [2, true], [3, false]]);
  });

  it('keeps the latest messages, as many as anybody wants, and the same array until there are more', async () => {
    const talk = await openChat();
    const log = talk.socket.channel('log', { history: 2 });
    await heard(talk, live('log', 1), live('log', 2), live('log', 3));
    const { history } = log;
    assert.deepEqual(history, [2, 3]);
    assert.isTrue(Object.isFrozen(history));
    assert.strictEqual(log.history, history);
    talk.socket.channel('log', { history: 3 });
    talk.socket.channel('log', { history: 1 });
    talk.socket.channel('log');
    await heard(talk, live('log', 4), live('log', 5));
    assert.deepEqual([log.history, history], [[3, 4, 5], [2, 3]]);
    const none = talk.socket.channel('none', { history: 0 });
    const all = told(none);
    await heard(talk, live('none', 1), past(['none', 0]), live('none', 2));
    assert.deepEqual([none.history, all], [[], [[1, false], [2, false]]]);
    const usual = talk.socket.channel('usual');
    await heard(talk, past(...Array.from({ length: 150 }, (_, at): [string, number] => ['usual', at])));
    assert.deepEqual([usual.history.length, usual.history[0], usual.history.at(-1)], [100, 50, 149]);
  });

  it('has its history replaced by the one that names it, before anybody is told', async () => {
    const talk = await openChat();
    const named = (name: string) => talk.socket.channel(name);
    const [log, other, third] = [named('log'), named('other'), named('third')];
    await heard(talk, live('log', 'old'), live('other', 'old'), live('third', 'old'));
    const order: unknown[] = [];
    for (const channel of [log, other, third]) {
      channel.subscribe((data, isHistory) => {
        if (data !== 'old') order.push([channel.name, data, isHistory, log.history.length, other.history.length]);
      });
    }
    await heard(talk, past(['log', 1], ['other', 2], ['unknown', 0], ['log', 3]));
    assert.deepEqual(order, [['log', 1, true, 2, 1], ['other', 2, true, 2, 1], ['log', 3, true, 2, 1]]);
    assert.deepEqual([log.history, other.history, third.history], [[1, 3], [2], ['old']]);
  });

  it('takes no history for one that is none', async () => {
    const talk = await openChat();
    const log = talk.socket.channel('log');
    const all = told(log);
    await heard(
      talk,
      live('log', 1),
      '{"channel":"log:history","data":{"channel":"log","data":2}}',
      '{"channel":"log:history","data":[3,null,"log",{"channel":"log"},{"data":4}]}',
      '{"channel":"log:history","data":[]}',
      '{"channel":"log:history"}',
    );
    assert.deepEqual([log.history, all], [[1], [[1, false]]]);
  });

  it('tells the history that the server sends as it opens to those who were there before', async () => {
    const talk = chat();
    const all = told(talk.socket.channel('log'));
    await next(talk.socket, 'open');
    await heard(talk, past(['log', 1], ['log', 2]), live('log', 3));
    assert.deepEqual(all, [[1, true], [2, true], [3, false]]);
  });

  it('tells again what a plain server says again after a reconnect, and has it once', async () => {
    const talk = await openChat({ backoff: SOON });
    const log = talk.socket.channel('log');
    await heard(talk, past(['log', 1]), live('log', 2));
    const lost = statusIs(talk.socket, 'reconnecting');
    await control(talk.id, 'drop');
    await lost;
    await statusIs(talk.socket, 'connected');
    const all = told(log);
    await heard(talk, past(['log', 1], ['log', 2], ['log', 3]), live('log', 4));
    assert.deepEqual(log.history, [1, 2, 3, 4]);
    assert.deepEqual(all.slice(2), [[1, true], [2, true], [3, true], [4, false]]);
  });

  it('goes on over the resume protocol as if there had been one link', async () => {
    const { socket, say, cut, until } = await attached();
    const all = told(socket.channel('log'));
    await say(past(['log', 1]), live('log', 2));
    for (let round = 3; round < 6; round += 1) {
      await cut();
      await say(live('log', round));
      await statusIs(socket, 'connected');
    }
    await until(5);
    assert.deepEqual(all, [[1, true], [2, false], [3, false], [4, false], [5, false]]);
  });

  it('reports what a listener throws, and tells the others', async () => {
    const talk = await openChat();
    const log = talk.socket.channel('log');
    await heard(talk, live('log', 1));
    const wrong = new Error('from a listener');
    const messages: unknown[] = [];
    talk.socket.addEventListener('message', ({ data }) => messages.push(data));
    let all: unknown[] = [];
    const errors = await errorsDuring(async () => {
      log.subscribe(() => {
        throw wrong;
      });
      all = told(log);
      await heard(talk, live('log', 2));
    });
    assert.deepEqual(errors, [wrong, wrong]);
    assert.deepEqual(all, [[1, true], [2, false]]);
    assert.deepEqual(messages, [live('log', 2), 'mark']);
  });

  it('lets listeners come and go while they are told', async () => {
    const talk = await openChat();
    const log = talk.socket.channel<number>('log');
    const calls: string[] = [];
    const stops: (() => void)[] = [];
    stops[0] = log.subscribe((data) => {
      calls.push(`first ${data}`);
      stops[0]!();
      stops[1]!();
      stops[2] = log.subscribe((data) => calls.push(`third ${data}`));
    });
    stops[1] = log.subscribe((data) => calls.push(`second ${data}`));
    await heard(talk, live('log', 1), live('log', 2));
    assert.deepEqual(calls, ['first 1', 'third 1', 'third 2']);
    stops.forEach((stop) => stop());
    stops.forEach((stop) => stop());
    await heard(talk, live('log', 3));
    assert.equal(calls.length, 3);
  });

  it('tells whoever subscribes in the midst of a history all of it, once', async () => {
    const talk = await openChat();
    const log = talk.socket.channel<number>('log');
    const inner: number[] = [];
    log.subscribe((data) => {
      if (data === 1) log.subscribe((data) => inner.push(data));
    });
    await heard(talk, past(['log', 1], ['log', 2], ['log', 3]), live('log', 4));
    assert.deepEqual(inner, [1, 2, 3, 4]);
  });

  it('tells the same function as often as it has subscribed', async () => {
    const talk = await openChat();
    const log = talk.socket.channel<number>('log');
    const all: number[] = [];
    const listener = (data: number) => all.push(data);
    const [stop] = [log.subscribe(listener), log.subscribe(listener)];
    await heard(talk, live('log', 1));
    stop!();
    stop!();
    await heard(talk, live('log', 2));
    assert.deepEqual(all, [1, 1, 2]);
  });

  it('tells nothing more when a listener closes it, in the midst of a history too', async () => {
    const talk = await openChat();
    const log = talk.socket.channel<number>('log');
    const all: unknown[] = [];
    log.subscribe((data) => {
      all.push(data);
      log.close();
    });
    log.subscribe((data) => all.push(data));
    await heard(talk, past(['log', 1], ['log', 2]), live('log', 3));
    assert.deepEqual([all, log.history], [[1], [1, 2]]);
    const other = talk.socket.channel<number>('other');
    await heard(talk, live('other', 1), live('other', 2));
    const replayed: number[] = [];
    other.subscribe((data) => {
      replayed.push(data);
      other.close();
    });
    assert.deepEqual(replayed, [1]);
  });

  it('leaves messages to listeners, and answers to questions', async () => {
    const talk = await openChat();
    const { socket, sent, says } = talk;
    const all = told(socket.channel('log'));
    const messages: unknown[] = [];
    socket.addEventListener('message', ({ data }) => messages.push(data));
    const answer = socket.ask('why?');
    const { id } = await sent();
    const both = JSON.stringify({ id, answer: 'because', channel: 'log', data: 'both' });
    await says(live('log', 'before'));
    await says(both);
    assert.equal(await answer, 'because');
    assert.deepEqual(all, [['before', false], ['both', false]]);
    assert.deepEqual(messages, [live('log', 'before'), both]);
  });

  it('can hold back the credit of a message, as its listeners can', async () => {
    const { socket, say, until } = await attached();
    const held: (() => void)[] = [];
    socket.channel('log').subscribe(() => held.push(socket.holdCredit()));
    await say(live('log', 1));
    await until(1);
    assert.equal(held.length, 1);
    held[0]!();
  });

  it('is let go of with its connection, and another life has channels of its own', async () => {
    const talk = await openChat();
    const { socket, manager } = talk;
    const { listeners } = manager.debugResources();
    const log = socket.channel('log');
    const all = told(log);
    told(log);
    assert.equal(manager.debugResources().listeners, listeners + 2);
    await heard(talk, live('log', 1));
    let ended: boolean | undefined;
    socket.addEventListener('close', () => {
      ended = log.isClosed;
      assertThrows(() => socket.channel('log'), 'InvalidStateError');
    });
    const closed = next(socket, 'close');
    manager.closeAll();
    await closed;
    assert.isTrue(ended);
    const nothing = { sockets: 0, timers: 0, closures: 0, listeners: 0, retainedBytes: 0 };
    assert.deepEqual(manager.debugResources(), nothing);
    assert.deepEqual(log.history, [1]);
    socket.reconnect();
    const another = socket.channel('log');
    assert.deepEqual([another === log, another.history], [false, []]);
    await statusIs(socket, 'connected');
    await heard(talk, live('log', 2));
    assert.deepEqual([another.history, log.history, all], [[2], [1], [[1, false]]]);
  });

  it('is let go of when the connection has failed', async () => {
    const { id, socket, manager } = await openChat();
    const before = manager.debugResources().listeners;
    const log = socket.channel('log');
    told(log);
    const waiting = rejection(socket.ask('why?'));
    const closed = next(socket, 'close');
    await control(id, 'close', { code: 4404 });
    await closed;
    await waiting;
    assert.deepEqual([log.isClosed, manager.debugResources().listeners], [true, before]);
  });

  it('names what is wrong with a call', async () => {
    const { socket } = await openChat();
    const wrong: [name: unknown, options: unknown, argument: string][] = [
      [undefined, undefined, 'name'],
      [7, undefined, 'name'],
      ['', undefined, 'name'],
      ['x'.repeat(129), undefined, 'name'],
      ['log:history', undefined, 'name'],
      ['\ud800', undefined, 'name'],
      ['log', 'text', 'options'],
      ['log', { history: -1 }, 'options.history'],
      ['log', { history: 1.5 }, 'options.history'],
      ['log', { history: Infinity }, 'options.history'],
      ['log', { history: null }, 'options.history'],
    ];
    for (const [name, options, argument] of wrong) {
      const call = () => socket.channel(name as string, options as object);
      assert.throws(call, TypeError, new RegExp(`^${argument} must `), String(name));
    }
    assert.throws(() => socket.channel('log').subscribe(null as never), TypeError, /^listener must /);
    assert.equal(socket.channel('𝔘'.repeat(128)).name.length, 256);
  });
}
