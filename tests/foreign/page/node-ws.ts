// What is special to Node's `ws`.

import { assert } from 'chai';
import { next } from '../../web/page/support/events';
import { connection, SOON } from '../../web/page/support/manager';
import { isControl, Tap } from './support/server';

export function nodeWs(): void {
  it('takes envsocket.v1 by habit where it is required, and is given up for good', async () => {
    const tap = await Tap.before('ws');
    const url = `ws://${tap.host}/echo`;
    const { socket, snapshot } = connection({ url, protocol: 'require', backoff: SOON });
    await next(socket, 'close');
    assert.equal(snapshot().status, 'failed');
    const { attempts, messages } = await tap.seen();
    assert.equal(attempts[0]!.chosen, 'envsocket.v1');
    assert.isTrue(messages.filter(({ kind }) => kind === 'text').every(isControl));
    // All other taps must have seen none.
    await tap.end();
  });
}
