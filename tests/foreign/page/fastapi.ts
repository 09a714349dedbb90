// What is special to FastAPI under uvicorn.

import { assert } from 'chai';
import { next } from '../../web/page/support/events';
import { connection, SOON, statusIs } from '../../web/page/support/manager';
import { Inbox, told } from './support/link';
import { refused, shapes } from './support/offers';
import { kill, start, Tap } from './support/server';

export function fastApi(): void {
  it('says 1012 when it is asked to end, and is found again', async () => {
    const tap = await Tap.before('FastAPI');
    const { socket, snapshot } = connection({ url: `ws://${tap.host}/echo`, backoff: SOON });
    await next(socket, 'open');
    const reasons: (string | null)[] = [];
    socket.addEventListener('statuschange', ({ detail }) => reasons.push(detail.reason));
    const lost = statusIs(socket, 'reconnecting');
    await kill('FastAPI', 'SIGTERM');
    await lost;
    const reopened = next(socket, 'open');
    await start('FastAPI');
    await reopened;
    assert.equal(reasons[0], 'the server is restarting');
    assert.equal(snapshot().status, 'connected');
  });

  it('drops the link without a close when a handler raises, and the connection comes back', async () => {
    const tap = await Tap.before('FastAPI');
    const { socket } = connection({ url: `ws://${tap.host}/echo`, backoff: SOON });
    await next(socket, 'open');
    const events = told(socket);
    const opened = next(socket, 'open');
    socket.send('raise');
    await opened;
    const inbox = new Inbox(socket);
    socket.send('still there');
    await inbox.until((all) => all.length === 1);
    assert.deepEqual(events, ['reconnecting', 'connected', 'gap in null null', 'gap out null null', 'open']);
  });

  it('answers 403 where it has no route', async () => {
    const tap = await Tap.before('FastAPI');
    const { socket } = connection({ url: `ws://${tap.host}/nowhere`, maxRetries: 0 });
    await next(socket, 'close');
    assert.deepEqual(shapes((await tap.seen()).attempts), refused(403));
  });
}
