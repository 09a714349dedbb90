// The hooks on a page that has `envsocket/slim` alone. Must not: import `envsocket`, or what does.

import { initialize, WebSocketManager } from 'envsocket/slim';
import { useConnection } from 'envsocket/react';
import wasm from 'envsocket/envsocket.wasm?url';
import { expect } from 'chai';
import { StrictMode, Suspense, use } from 'react';
import { flushSync } from 'react-dom';
import { createRoot } from 'react-dom/client';

import { at, newId, observed } from '../support/server';

export function slim(): void {
  describe('the hooks over envsocket/slim', () => {
    it('say what to wait for when they are shown too early', () => {
      const errors: unknown[] = [];
      const onUncaughtError = (error: unknown) => errors.push(error);
      const root = createRoot(document.createElement('div'), { onUncaughtError });
      const Shell = () => useConnection('react', 'too early').status;
      flushSync(() => root.render(<Shell />));
      expect(String(errors[0])).to.contain('initialize');
      expect(errors).to.have.lengthOf(1);
    });

    it('connect once the wasm is there, for which Suspense can wait', async () => {
      const env = newId();
      const ready = initialize(wasm);
      let heard: (data: unknown) => void;
      const echo = new Promise((resolve) => (heard = resolve));
      function Shell() {
        use(ready);
        const { send, status } = useConnection('react', env, {
          url: at('/echo', { id: env }),
          closeOnUnmount: true,
          onOpen: () => send('hello'),
          onMessage: ({ data }) => heard(data),
        });
        return status;
      }
      const container = document.createElement('div');
      const root = createRoot(container);
      const page = (
        <StrictMode>
          <Suspense fallback="loading">
            <Shell />
          </Suspense>
        </StrictMode>
      );
      flushSync(() => root.render(page));
      expect(container.textContent).to.equal('loading');
      expect(await echo).to.equal('hello');
      expect(container.textContent).to.equal('connected');
      expect(WebSocketManager.getConnectionStatus('react', env)).to.equal('connected');
      flushSync(() => root.unmount());
      expect(await observed(env, { closes: 1 })).to.include({ attempts: 1 });
    });
  });
}
