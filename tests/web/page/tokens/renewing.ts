// Another token before the one in use expires, over the link that is open.

import { assert } from 'chai';
import { PermanentAuthError } from 'envsocket';
import { next, turn } from '../support/events';
import { row, SOON, statusIs } from '../support/manager';
import { control, observed } from '../support/server';
import { hellos, jwt, provider, renewals } from '../support/tokens';
import { attached } from '../support/v1';

/** The shortest life that is not taken for a wrong clock's: each renewal is waited for. */
const BRIEF_MS = 1_300;

export function renewing(): void {
  it('asks in time, and says it over the open link, while messages flow both ways', async () => {
    const { token, reasons, until: asked } = provider(() => jwt(BRIEF_MS));
    const { id, socket, heard, say, until } = await attached({ token });
    const statuses: string[] = [];
    socket.addEventListener('statuschange', ({ detail }) => statuses.push(detail.status));
    const sent: string[] = [];
    let renewed = false;
    void asked(3).then(() => (renewed = true));
    while (!renewed) {
      const text = `line ${sent.length}`;
      sent.push(text);
      socket.send(text);
      await say(text);
      await turn();
    }
    const said = await renewals(id, 2);
    const { inputs, attempts } = await observed(id, { inputs: sent.length });
    assert.deepEqual(inputs, sent);
    assert.deepEqual(await until(sent.length), sent);
    assert.deepEqual([attempts, statuses, heard.gaps, heard.discarded], [1, [], [], []]);
    assert.deepEqual(reasons.slice(0, 3), ['first', 'expired', 'expired']);
    assert.lengthOf(new Set([...(await hellos(id)), ...said]), 3);
  });

  it('lives on when there is none, and asks again', async () => {
    const { token, reasons } = provider((call) => {
      if (call === 2) throw new Error('no network');
      if (call === 3) return Promise.reject(new Error('no network'));
      return call === 1 ? jwt(BRIEF_MS) : 'opaque';
    });
    const { id, socket } = await attached({ token, backoff: SOON });
    const statuses: string[] = [];
    socket.addEventListener('statuschange', ({ detail }) => statuses.push(detail.status));
    assert.deepEqual(await renewals(id), ['opaque']);
    assert.deepEqual(reasons, ['first', 'expired', 'expired', 'expired']);
    assert.deepEqual([statuses, (await observed(id)).attempts], [[], 1]);
  });

  it('asks anew when no answer comes twice, and takes the late one for nothing', async () => {
    const late = Promise.withResolvers<string>();
    const { token, until: asked, reasons } = provider((call) => {
      if (call === 1) return jwt(BRIEF_MS);
      return call === 2 ? late.promise : 'the-third';
    });
    const { id, socket } = await attached({ token, reconnectTimeoutMs: 30 });
    await asked(3);
    late.resolve('too-late');
    assert.deepEqual(await renewals(id), ['the-third']);
    socket.send('after');
    assert.deepEqual((await observed(id, { inputs: 1 })).inputs, ['after']);
    assert.deepEqual([await renewals(id), reasons], [['the-third'], ['first', 'expired', 'expired']]);
  });

  it('has failed, with its reason, when there will be none', async () => {
    const { token } = provider((call) => {
      if (call === 1) return jwt(BRIEF_MS);
      throw new PermanentAuthError('you were signed out');
    });
    const { id, socket, manager } = await attached({ token });
    await next(socket, 'close');
    assert.include(row(manager, socket.envId!), { status: 'failed', reason: 'you were signed out' });
    assert.equal((await observed(id, { closes: 1 })).closes[0]!.code, 1000);
  });

  it('asks for another when the new one is rejected, and resumes', async () => {
    const first = jwt(BRIEF_MS);
    const { token, reasons } = provider((call) => [first, 'bad', 'good'][call - 1]!);
    const { id, socket, heard } = await attached({ token }, { tokens: JSON.stringify([first, 'good']) });
    const lost = statusIs(socket, 'reconnecting');
    await lost;
    socket.send('meanwhile');
    await statusIs(socket, 'connected');
    assert.deepEqual((await observed(id, { inputs: 1 })).inputs, ['meanwhile']);
    assert.deepEqual(reasons, ['first', 'expired', 'rejected']);
    assert.deepEqual(await hellos(id, 2), [first, 'good']);
    assert.deepEqual(heard.gaps, []);
    await control(id, 'cut');
  });
}
