// `closeOnUnmount`: whoever asks for the close does not take the connection from anybody else.

import { useConnection, type UseConnectionOptions } from 'envsocket/react';
import { expect } from 'chai';

import { newId, observed } from '../support/server';
import { cleanUp, connected, leadingTo, mount, PROJECT, roundTrip, statusOf, until } from './support';

function Shell({ env, ...options }: { env: string } & UseConnectionOptions) {
  return useConnection(PROJECT, env, { ...leadingTo(env), ...options }).status;
}

export function closeOnUnmount(): void {
  describe('closeOnUnmount', () => {
    afterEach(cleanUp);

    it('closes the connection', async () => {
      const env = newId();
      const { unmount } = mount(<Shell env={env} closeOnUnmount />);
      await connected(env);
      unmount();
      await observed(env, { closes: 1 });
      await until(() => statusOf(env) === 'disconnected');
    });

    it('closes nothing that another component still uses, and closes it when that one is gone', async () => {
      const env = newId();
      const asks = mount(<Shell env={env} closeOnUnmount />);
      const other = mount(<Shell env={env} />);
      await connected(env);
      asks.unmount();
      await roundTrip(env);
      expect(statusOf(env)).to.equal('connected');
      other.unmount();
      await observed(env, { closes: 1 });
      await until(() => statusOf(env) === 'disconnected');
    });

    it('closes nothing that another component takes over at once', async () => {
      const env = newId();
      const { render } = mount(<Shell key="one" env={env} closeOnUnmount />);
      await connected(env);
      render(<Shell key="other" env={env} closeOnUnmount />);
      await roundTrip(env);
      expect(await observed(env)).to.include({ attempts: 1, open: 1 });
    });

    it('closes the pair that is left for another', async () => {
      const [first, second] = [newId(), newId()];
      const { render } = mount(<Shell env={first} closeOnUnmount />);
      await connected(first);
      render(<Shell env={second} closeOnUnmount />);
      await observed(first, { closes: 1 });
      await connected(second);
    });

    it('goes by the latest render', async () => {
      const env = newId();
      const { render, unmount } = mount(<Shell env={env} closeOnUnmount />);
      await connected(env);
      render(<Shell env={env} closeOnUnmount={false} />);
      unmount();
      await roundTrip(env);
      expect(await observed(env)).to.include({ attempts: 1, open: 1 });
    });
  });
}
