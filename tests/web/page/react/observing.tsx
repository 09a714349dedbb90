// Hooks that look and connect nothing, the provider that says where, and what is thrown.

import { type ConnectionSnapshot, createWebSocketManager, WebSocketManager } from 'envsocket';
import {
  EnvSocketProvider,
  useActiveConnection,
  useConnection,
  useConnections,
  useConnectionStatus,
} from 'envsocket/react';
import { expect } from 'chai';
import { Component, type ReactNode } from 'react';
import { createRoot } from 'react-dom/client';

import { newId, observed } from '../support/server';
import { cleanUp, connect, leadingTo, mount, PROJECT, until } from './support';

export function observing(): void {
  describe('useConnectionStatus', () => {
    afterEach(cleanUp);

    it('tells the status and connects nothing', async () => {
      const env = newId();
      const Chip = () => useConnectionStatus(PROJECT, env);
      const { container } = mount(<Chip />);
      expect(container.textContent).to.equal('disconnected');
      expect(WebSocketManager.getSnapshot().connections).to.deep.equal([]);
      connect(env);
      await until(() => container.textContent === 'connected');
      WebSocketManager.closeConnection(PROJECT, env);
      await until(() => container.textContent === 'disconnected');
    });
  });

  describe('useActiveConnection', () => {
    afterEach(cleanUp);

    it('tells which connection is active, and makes another one active', async () => {
      const [first, second] = [newId(), newId()];
      const setters = new Set<(project: string, env: string) => void>();
      function Header() {
        const { active, setActive } = useActiveConnection();
        setters.add(setActive);
        return active?.envId ?? 'none';
      }
      function Shell({ env }: { env: string }) {
        const { isActive, setActive } = useConnection(PROJECT, env, leadingTo(env));
        return <button onClick={setActive}>{isActive ? 'active' : 'background'}</button>;
      }
      const header = mount(<Header />).container;
      const shells = [first, second].map((env) => mount(<Shell env={env} />).container);
      const told = () => [header, ...shells].map(({ textContent }) => textContent);
      expect(told()).to.deep.equal(['none', 'background', 'background']);
      shells[0]!.querySelector('button')!.click();
      await until(() => header.textContent === first);
      expect(told()).to.deep.equal([first, 'active', 'background']);
      const [setActive] = setters;
      setActive!(PROJECT, second);
      await until(() => header.textContent === second);
      expect(told()).to.deep.equal([second, 'background', 'active']);
      expect(setters.size).to.equal(1);
    });
  });

  describe('useConnections', () => {
    afterEach(cleanUp);

    it('gives the same array, and each connection as the same object, until it changes', async () => {
      const envs = [newId(), newId()].sort();
      let seen: readonly ConnectionSnapshot[] = [];
      function Sidebar() {
        seen = useConnections();
        return null;
      }
      const { render } = mount(<Sidebar />);
      expect(seen).to.deep.equal([]);
      envs.forEach(connect);
      await until(() => seen.filter(({ status }) => status === 'connected').length === envs.length);
      const before = seen;
      expect(before.map(({ envId }) => envId)).to.deep.equal(envs);
      render(<Sidebar />);
      expect(seen).to.equal(before);
      WebSocketManager.setActiveConnection(PROJECT, envs[0]!);
      await until(() => seen !== before);
      expect(seen[0]).to.include({ envId: envs[0], isActive: true });
      expect(seen[1]).to.equal(before[1]);
    });
  });

  describe('EnvSocketProvider', () => {
    afterEach(cleanUp);

    it('names the manager of the hooks below it', async () => {
      const env = newId();
      const manager = createWebSocketManager(leadingTo(env));
      const Shell = () => `${useConnection(PROJECT, env).status} ${useConnections().length}`;
      const { container, unmount } = mount(
        <EnvSocketProvider manager={manager}>
          <Shell />
        </EnvSocketProvider>,
      );
      await until(() => container.textContent === 'connected 1');
      expect(WebSocketManager.getSnapshot().connections).to.deep.equal([]);
      unmount();
      manager.closeAll();
      await observed(env, { closes: 1 });
    });
  });

  describe('a wrong call', () => {
    it('is caught by the nearest error boundary', async () => {
      class Boundary extends Component<{ children: ReactNode }> {
        override state = { error: null as Error | null };
        static getDerivedStateFromError = (error: Error) => ({ error });
        override render = () => this.state.error?.message ?? this.props.children;
      }
      const Shell = () => useConnection('', 'env').status;
      const container = document.createElement('div');
      const root = createRoot(container, { onCaughtError: () => {} });
      root.render(<Boundary children={<Shell />} />);
      await until(() => container.textContent !== '' && container.textContent !== 'disconnected');
      expect(container.textContent).to.contain('projectName');
      root.unmount();
    });
  });
}
