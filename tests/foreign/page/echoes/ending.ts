// Servers that refuse, and servers that close: the package's README has the table.

import { assert } from 'chai';
import { next } from '../../../web/page/support/events';
import { connection, LATE, SOON, until } from '../../../web/page/support/manager';
import { told, WAYS } from '../support/link';
import { refused, shapes } from '../support/offers';
import { Tap, type ServerName } from '../support/server';

const STATUSES = [403, 404, 500];

/** Codes that a server may close with, what follows, and in which words. */
const CODES = [
  [1000, 'disconnected', 'closed by the server'],
  [1008, 'failed', "against the server's policy"],
  [1011, 'reconnecting', 'an error on the server'],
  [1012, 'reconnecting', 'the server is restarting'],
  [4000, 'reconnecting', 'the connection was lost'],
  [4403, 'failed', 'forbidden'],
  [4410, 'disconnected', 'the environment was deleted'],
] as const;

export function ending(server: ServerName): void {
  for (const status of STATUSES) {
    it(`is tried again, in turns with and without subprotocols, when it answers ${status}`, async () => {
      const tap = await Tap.before(server);
      const { socket, snapshot } = connection({ url: `ws://${tap.host}/refuse/${status}`, backoff: SOON });
      const events = told(socket);
      const { attempts } = await tap.seen({ attempts: 5 });
      assert.deepEqual(shapes(attempts.slice(0, 2)), refused(status));
      assert.sameDeepMembers(shapes(attempts.slice(2, 4)), refused(status));
      assert.equal(snapshot().status, 'connecting');
      assert.equal(socket.readyState, WebSocket.CONNECTING);
      assert.deepEqual(events, []);
    });

    for (const [what, make] of Object.entries(WAYS)) {
      it(`fails as a WebSocket does for ${what} without retries when it answers ${status}`, async () => {
        const tap = await Tap.before(server);
        const socket = make(`ws://${tap.host}/refuse/${status}`, { maxRetries: 0 });
        const events = told(socket);
        await next(socket, 'close');
        assert.deepEqual(events, ['failed', 'error', 'close 1006 "" unclean']);
        assert.deepEqual(shapes((await tap.seen()).attempts), refused(status));
      });
    }
  }

  for (const [code, status, meaning] of CODES) {
    for (const reason of ['', 'in its own words']) {
      it(`leaves the connection ${status} when it closes with ${code} and ${reason || 'no reason'}`, async () => {
        const tap = await Tap.before(server);
        const { socket, manager, snapshot } = connection({ url: `ws://${tap.host}/echo`, backoff: LATE });
        await next(socket, 'open');
        const events = told(socket);
        const why = new Promise<string | null>((resolve) => {
          socket.addEventListener('statuschange', ({ detail }) => resolve(detail.reason), { once: true });
        });
        socket.send(`close ${code} ${reason}`);
        assert.equal(await why, reason || meaning);
        if (status === 'reconnecting') {
          assert.isNotNull(await until(manager, () => snapshot().nextAttemptAt));
          assert.deepEqual(events, ['reconnecting']);
        } else {
          assert.equal(socket.readyState, WebSocket.CLOSED);
          assert.deepEqual(events.slice(0, 1), [status]);
          assert.equal(events.at(-1), `close ${code} "${reason}" clean`);
        }
      });
    }
  }
}
