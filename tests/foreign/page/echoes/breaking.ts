// Links that are cut, and servers that die: the connection comes back by itself, and says what may be missing.

import { assert } from 'chai';
import { next } from '../../../web/page/support/events';
import { connection, SOON, statusIs } from '../../../web/page/support/manager';
import { Inbox, told, WAYS } from '../support/link';
import { shapes, toOpen } from '../support/offers';
import { kill, said, start, Tap, type ServerName } from '../support/server';
import type { Habits } from './index';

/** What a reconnect tells of a link that was talked over. */
const BACK = ['reconnecting', 'connected', 'gap in null null', 'gap out null null', 'open'];

/** The same of a link over which nothing was sent. */
const BACK_UNUSED = ['reconnecting', 'connected', 'gap in null null', 'open'];

export function breaking(server: ServerName, { chooses }: Habits): void {
  for (const how of ['reset', 'finish'] as const) {
    for (const [what, make] of Object.entries(WAYS)) {
      it(`comes back as ${what} after a cut (${how}), and says that something may be missing`, async () => {
        const tap = await Tap.before(server);
        const socket = make(`ws://${tap.host}/echo`, { backoff: SOON });
        await next(socket, 'open');
        const events = told(socket);
        let opened = next(socket, 'open');
        await tap.cut(how);
        await opened;
        const inbox = new Inbox(socket);
        socket.send('over the second link');
        await inbox.until((all) => all.length === 1);
        opened = next(socket, 'open');
        await tap.cut(how);
        await opened;
        socket.send('over the third');
        await inbox.until((all) => all.length === 2);
        assert.deepEqual(inbox.all, ['over the second link', 'over the third']);
        assert.deepEqual(events, [...BACK_UNUSED, ...BACK]);
        // Each link is offered anew: the server may have learned meanwhile.
        const link = toOpen(chooses);
        assert.deepEqual(shapes((await tap.seen()).attempts), [...link, ...link, ...link]);
      });
    }
  }

  it('gets what was sent while it was away, once and in order, before what an open is answered with', async () => {
    const tap = await Tap.before(server);
    const { socket } = connection({ url: `ws://${tap.host}/echo`, backoff: SOON });
    const inbox = new Inbox(socket);
    await next(socket, 'open');
    socket.send('before');
    await inbox.until((all) => all.length === 1);
    const events = told(socket);
    await tap.refuse(true);
    await tap.cut('reset');
    await statusIs(socket, 'reconnecting');
    for (const text of ['one', 'two', 'three']) socket.send(text);
    socket.addEventListener('open', () => socket.send('four'), { once: true });
    // Some attempts of both kinds fail first.
    await tap.seen({ refused: 4 });
    await tap.refuse(false);
    await inbox.until((all) => all.length === 5);
    assert.deepEqual(inbox.all, ['before', 'one', 'two', 'three', 'four']);
    assert.deepEqual(said(await tap.seen()), ['before', 'one', 'two', 'three', 'four']);
    assert.deepEqual(events, BACK);
  });

  it('is found again when it was killed and started anew', async () => {
    const tap = await Tap.before(server);
    const { socket, snapshot } = connection({ url: `ws://${tap.host}/echo`, backoff: SOON });
    const inbox = new Inbox(socket);
    await next(socket, 'open');
    socket.send('to the first');
    await inbox.until((all) => all.length === 1);
    const events = told(socket);
    await kill(server, 'SIGKILL');
    await statusIs(socket, 'reconnecting');
    socket.send('while it is dead');
    assert.equal(socket.readyState, WebSocket.OPEN);
    await start(server);
    await inbox.until((all) => all.length === 2);
    assert.deepEqual(inbox.all, ['to the first', 'while it is dead']);
    assert.deepEqual(said(await tap.seen()), ['to the first', 'while it is dead']);
    assert.deepEqual(events, BACK);
    assert.equal(snapshot().protocol, 'plain');
  });
}
