// StrictMode runs every effect of a new component, ends it and runs it again.

import { useConnection, type UseConnectionOptions } from 'envsocket/react';
import { expect } from 'chai';

import { newId, observed } from '../support/server';
import { cleanUp, connected, leadingTo, mount, PROJECT, roundTrip, statusOf } from './support';

function Shell({ env, ...options }: { env: string } & UseConnectionOptions) {
  return useConnection(PROJECT, env, { ...leadingTo(env), ...options }).status;
}

export function strictMode(): void {
  describe("StrictMode's double effects", () => {
    afterEach(cleanUp);

    it('open one socket', async () => {
      const env = newId();
      mount(<Shell env={env} />);
      expect(statusOf(env)).to.equal('connecting');
      await roundTrip(env);
      expect(await observed(env)).to.include({ attempts: 1 });
    });

    it('do not close and open again what is to be closed on unmounting', async () => {
      const env = newId();
      mount(<Shell env={env} closeOnUnmount />);
      await roundTrip(env);
      const { attempts, closes } = await observed(env);
      expect({ attempts, closes }).to.deep.equal({ attempts: 1, closes: [] });
    });

    it('bring every message once', async () => {
      const env = newId();
      const heard: unknown[] = [];
      mount(<Shell env={env} onMessage={({ data }) => heard.push(data)} />);
      const connection = await connected(env);
      connection.send('hello');
      await roundTrip(env);
      expect(heard.filter((data) => data === 'hello')).to.have.lengthOf(1);
    });
  });
}
