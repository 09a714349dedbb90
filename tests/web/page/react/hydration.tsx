// A page that was rendered on a server: the same markup first, then what is true.

import { WebSocketManager } from 'envsocket';
import { useActiveConnection, useConnection, useConnections, useConnectionStatus } from 'envsocket/react';
import { expect } from 'chai';
import { StrictMode } from 'react';
import { hydrateRoot } from 'react-dom/client';
import { renderToString } from 'react-dom/server';

import { newId } from '../support/server';
import { cleanUp, connect, connected, leadingTo, PROJECT, until } from './support';

export function hydration(): void {
  describe('hydration', () => {
    afterEach(cleanUp);

    it('finds what the server rendered, without a warning, and then shows what is true', async () => {
      const env = newId();
      function Page() {
        const { connection, snapshot, status, isActive } = useConnection(PROJECT, env, leadingTo(env));
        const active = useActiveConnection().active?.envId ?? 'none';
        const facts = [connection?.envId ?? 'none', snapshot?.envId ?? 'none', status, isActive, active];
        return <p>{[...facts, useConnections().length, useConnectionStatus(PROJECT, env)].join(' ')}</p>;
      }
      const page = (
        <StrictMode>
          <Page />
        </StrictMode>
      );
      // The truth differs from the markup already when the page takes it over.
      connect(env);
      WebSocketManager.setActiveConnection(PROJECT, env);
      await connected(env);

      const container = document.createElement('div');
      container.innerHTML = renderToString(page);
      expect(container.textContent).to.equal('none none disconnected false none 0 disconnected');
      const warnings: unknown[] = [];
      const warn = console.error;
      console.error = (...told: unknown[]) => warnings.push(told);
      try {
        const root = hydrateRoot(container, page, { onRecoverableError: (error) => warnings.push(error) });
        await until(() => container.textContent === `${env} ${env} connected true ${env} 1 connected`);
        root.unmount();
      } finally {
        console.error = warn;
      }
      expect(warnings).to.deep.equal([]);
    });
  });
}
