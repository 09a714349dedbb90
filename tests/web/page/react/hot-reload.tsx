// The whole package evaluated a second time in one page, as hot reload and two bundles do.

import { WebSocketManager } from 'envsocket';
import { WebSocketManager as ReloadedManager } from 'envsocket?again';
import { useConnection } from 'envsocket/react';
import { useConnection as useReloadedConnection } from 'envsocket/react?again';
import { expect } from 'chai';
import { type ReactNode, useState } from 'react';

import { newId, observed } from '../support/server';
import { cleanUp, connect, connected, leadingTo, mount, PROJECT, roundTrip, until } from './support';

export function hotReload(): void {
  describe('hot reload', () => {
    afterEach(cleanUp);

    it('brings the same connections', () => {
      const env = newId();
      expect(ReloadedManager).not.to.equal(WebSocketManager);
      const connection = connect(env);
      expect(ReloadedManager.getConnection(PROJECT, env)).to.equal(connection);
      expect(ReloadedManager.getSnapshot()).to.equal(WebSocketManager.getSnapshot());
    });

    it('lets new components take over a connection, though the old ones ask for its close', async () => {
      const env = newId();
      const heard: unknown[] = [];
      const options = { ...leadingTo(env), closeOnUnmount: true };
      const Old = () => `old ${useConnection(PROJECT, env, options).status}`;
      const onMessage = ({ data }: MessageEvent) => heard.push(data);
      const New = () => `new ${useReloadedConnection(PROJECT, env, { ...options, onMessage }).status}`;
      let show: (component: ReactNode) => void = () => {};
      function Page() {
        const [component, setComponent] = useState(<Old />);
        show = setComponent as typeof show;
        return component;
      }
      const { container } = mount(<Page />);
      const connection = await connected(env);
      show(<New />);
      await until(() => container.textContent === 'new connected');
      await roundTrip(env);
      expect(await connected(env)).to.equal(connection);
      expect(heard).to.have.lengthOf(1);
      expect(await observed(env)).to.include({ attempts: 1, open: 1 });
    });
  });
}
