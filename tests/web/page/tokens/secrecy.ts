// A token shows nowhere: one that is easily recognised is looked for in all that a page can see.

import { assert } from 'chai';
import { type ConnectionOptions, EnvSocket, type ManagerOptions } from 'envsocket';
import { errorsDuring, next, openedAfter } from '../support/events';
import { connection, LATE, newManager, row, SOON, statusIs, until } from '../support/manager';
import { at, control, newId, observed } from '../support/server';
import { hellos, provider, renewals } from '../support/tokens';
import { attach, detail } from '../support/v1';

const WORD = 'sesame';
/** Long enough for a server to cut it off where it quotes it. */
const tokenOf = (call: number) => `${WORD}-${'abcdefghijklmnopqrstuvwxyz'.repeat(6)}-${call}`;
/** What would give it away: in any of its forms, some of it in the middle is enough. */
const TELLING = [WORD, btoa(WORD), 'mnopqrstuvwx', btoa('abcdef'), btoa('ghijkl').slice(0, 6)];

const CONSOLE = ['debug', 'log', 'info', 'warn', 'error'] as const;
const EVENTS = [
  'open',
  'error',
  'close',
  'statuschange',
  'gap',
  'discarded',
  'size',
  'rolechange',
  'accesschange',
] as const;

/** All that is told while this runs, as text: to the console, as errors of the page, and by events. */
async function overheard(act: (listen: (socket: EnvSocket) => void) => Promise<void>): Promise<string> {
  const told: unknown[] = [];
  const originals = CONSOLE.map((name) => [name, console[name]] as const);
  for (const name of CONSOLE) console[name] = (...args: unknown[]) => void told.push([name, args.map(inWords)]);
  try {
    const errors = await errorsDuring(() =>
      act((socket) => {
        for (const type of EVENTS) socket.addEventListener(type, (event: Event) => told.push(inWords(event)));
      }),
    );
    told.push(errors.map(inWords));
  } finally {
    for (const [name, original] of originals) console[name] = original;
  }
  return JSON.stringify(told);
}

/** An object with its getters, inherited ones included. */
function inWords(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return String(value);
  const words: Record<string, unknown> = { text: String(value) };
  for (const name in value) {
    const part = (value as Record<string, unknown>)[name];
    if (typeof part === 'object' ? name === 'detail' : typeof part !== 'function') words[name] = part;
  }
  if (value instanceof Error) Object.assign(words, { message: value.message, stack: value.stack });
  return words;
}

/** All that a page keeps, or can look at. */
async function everywhere(): Promise<string> {
  const databases = await indexedDB.databases();
  const caches = await window.caches.keys();
  return JSON.stringify({
    location: location.href,
    history: history.state,
    cookie: document.cookie,
    page: document.documentElement.outerHTML.replaceAll(/<script[^]*?<\/script>/g, ''),
    local: { ...localStorage },
    session: { ...sessionStorage },
    databases,
    caches,
    performance: performance.getEntries().map((entry) => entry.toJSON()),
  });
}

function assertSecret(text: string, where: string): void {
  for (const part of TELLING) assert.notInclude(text, part, where);
}

/** Looks at all that is to be seen of a connection, once it is over or while it lives. */
async function look({ socket, manager }: { socket: EnvSocket; manager: ReturnType<typeof newManager> }): Promise<void> {
  assertSecret(JSON.stringify(manager.getSnapshot()), 'the snapshot');
  assertSecret(JSON.stringify(manager.getMetrics()), 'the metrics');
  assertSecret(JSON.stringify(manager.getConnectionLog('project', socket.envId!)), 'the log');
  assertSecret(JSON.stringify([inWords(socket), socket, Object.entries(socket)]), 'the connection');
  assertSecret(JSON.stringify(inWords(manager)), 'the manager');
  assertSecret(await everywhere(), 'the page');
}

const quoting = (options: ConnectionOptions & ManagerOptions, terms: Record<string, string> = {}) =>
  attach({ debug: true, backoff: SOON, ...options }, { quotes: 'you said ', ...terms });

export function secrecy(): void {
  it('is kept by a server of the resume protocol that quotes it when it rejects it, whole or cut off', async () => {
    for (const token of [provider(tokenOf).token, provider((call) => `${WORD}-${call}`).token]) {
      const made = quoting({ token }, { tokens: '[]' });
      const told = await overheard(async (listen) => {
        listen(made.socket);
        await next(made.socket, 'close');
      });
      assert.include(told, 'you said …');
      assertSecret(told, 'what was told');
      await look(made);
      assert.match(row(made.manager, made.socket.envId!).reason!, /…|rejected/);
      // It was there.
      assert.include((await hellos(made.id, 2))[0], WORD);
    }
  });

  for (const tokenTransport of ['query', 'subprotocol', 'firstMessage'] as const) {
    it(`is kept on a plain server, as '${tokenTransport}', that quotes it`, async () => {
      const id = newId();
      const { token } = provider(tokenOf);
      // The last one that is offered is the token, and of the resume protocol there is no server.
      const url = at('/echo', { id, protocol: tokenTransport === 'subprotocol' ? 'last' : 'first' });
      const made = connection({ url, token, tokenTransport, debug: true, backoff: SOON });
      const told = await overheard(async (listen) => {
        listen(made.socket);
        await next(made.socket, 'open');
        const { requests, messages } = await observed(id, tokenTransport === 'firstMessage' ? { messages: 1 } : {});
        const bearer = requests[0]!.protocols?.split('.').at(-1) ?? '';
        const forms = { query: tokenOf(1), firstMessage: messages[0]?.text ?? '', subprotocol: bearer };
        assert.isAbove(forms[tokenTransport].length, 100);
        await look(made);
        const reason = `not ${forms[tokenTransport]}`.slice(0, 123);
        await openedAfter(made.socket, () => control(id, 'close', { code: 1013, reason }));
      });
      assert.include(told, 'not …');
      assertSecret(told, 'what was told');
      await look(made);
    });
  }

  it('is kept when the function quotes the last one as it fails', async () => {
    const { token } = provider((call) => {
      if (call === 2) throw new Error(`cannot renew ${tokenOf(1)}`);
      if (call === 3) return Promise.reject(new Error(`cannot renew ${encodeURIComponent(tokenOf(1))}`));
      if (call === 1) return tokenOf(call);
      return control(made.id, 'accept', { tokens: JSON.stringify([tokenOf(4)]) }).then(() => tokenOf(4));
    });
    const made: ReturnType<typeof quoting> = quoting({ token }, { tokens: '[]' });
    const told = await overheard(async (listen) => {
      listen(made.socket);
      await statusIs(made.socket, 'connected');
    });
    assert.include(told, 'cannot renew …');
    assertSecret(told, 'what was told');
    await look(made);
  });

  it('is kept when the server quotes the one before, after a change', async () => {
    const made = quoting({ token: tokenOf(1) });
    const told = await overheard(async (listen) => {
      listen(made.socket);
      await statusIs(made.socket, 'connected');
      made.manager.getConnection('project', made.socket.envId!, 'nothing-of-the-other');
      await renewals(made.id);
      await control(made.id, 'close', { code: 1013, reason: `was ${tokenOf(1)}`.slice(0, 123) });
      await statusIs(made.socket, 'reconnecting');
      await statusIs(made.socket, 'connected');
    });
    assert.include(told, 'was …');
    assertSecret(told, 'what was told');
    await look(made);
  });

  it('is kept before anybody has asked for it, when what asks for the place quotes it', async () => {
    for (const where of ['own', 'common'] as const) {
      const fails = () => {
        throw new Error(`no place for ${tokenOf(1)}`);
      };
      const manager = newManager({ url: fails, backoff: LATE, ...(where === 'common' && { token: tokenOf(1) }) });
      const socket = manager.getConnection('project', 'env', where === 'own' ? tokenOf(1) : null);
      await until(manager, () => row(manager, 'env').reason?.startsWith('no place'));
      assert.equal(row(manager, 'env').reason, 'no place for …');
      await look({ socket, manager });
    }
  });

  it('is kept when the server quotes it as the reason of a gap', async () => {
    const made = quoting({ token: tokenOf(1), backoff: LATE });
    const told = await overheard(async (listen) => {
      listen(made.socket);
      await statusIs(made.socket, 'connected');
      await made.cut();
      await made.say('missed');
      await control(made.id, 'evict', { reason: `not without ${tokenOf(1)}` });
      const gap = detail(made.socket, 'gap');
      made.socket.reconnect();
      assert.equal((await gap).reason, 'not without …');
    });
    assertSecret(told, 'what was told');
    await look(made);
  });

  it('is kept in what wrong arguments throw', () => {
    const manager = newManager({ url: at('/v1') });
    const wrong = `${tokenOf(1)}\ud83d`;
    for (const act of [
      () => manager.getConnection('project', 'env', wrong),
      () => manager.getConnection('project', 'env', null, { token: wrong }),
      () => manager.configure({ token: wrong }),
      () => new EnvSocket(at('/v1'), undefined, { token: wrong }),
    ]) {
      let thrown: unknown;
      try {
        act();
      } catch (error) {
        thrown = error;
      }
      assert.instanceOf(thrown, TypeError);
      assertSecret(JSON.stringify(inWords(thrown)), 'the error');
    }
  });
}
