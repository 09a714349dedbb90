// What arrives reaches the handlers: all of it, those of the latest render, and no other pair's.

import { WebSocketManager } from 'envsocket';
import { useConnection } from 'envsocket/react';
import { expect } from 'chai';
import { Suspense, use, useEffect, useLayoutEffect, useState } from 'react';

import { newId, observed } from '../support/server';
import { cleanUp, connected, leadingTo, mount, PROJECT, roundTrip, until } from './support';

export function messages(): void {
  describe('messages', () => {
    afterEach(cleanUp);

    it('of a burst reach React whole, in one frame as well', async () => {
      const env = newId();
      const burst = Array.from({ length: 1_000 }, (_, index) => String(index));
      let shown: readonly string[] = [];
      function Shell() {
        const [lines, setLines] = useState<readonly string[]>([]);
        const onMessage = ({ data }: MessageEvent<string>) => setLines((before) => [...before, data]);
        useConnection(PROJECT, env, { ...leadingTo(env), onMessage });
        shown = lines;
        return null;
      }
      mount(<Shell />);
      const connection = await connected(env);
      for (const line of burst) connection.send(line);
      holdThePageUntilTheServerHas(env, burst.length);
      await until(() => shown.length >= burst.length);
      await roundTrip(env);
      expect(shown.slice(0, burst.length)).to.deep.equal(burst);
    });

    it('that the server sends at once are heard', async () => {
      const env = newId();
      const heard: unknown[] = [];
      function Shell() {
        const greeting = leadingTo(env, '/say', { script: JSON.stringify([['text', 'welcome']]) });
        useConnection(PROJECT, env, { ...greeting, onMessage: ({ data }) => heard.push(data) });
        return null;
      }
      mount(<Shell />);
      await until(() => heard.length > 0);
      expect(heard).to.deep.equal(['welcome']);
    });

    it('reach the handler of the latest render, and new handlers do not reconnect', async () => {
      const env = newId();
      const heard: string[] = [];
      function Shell({ name }: { name: string }) {
        const onMessage = ({ data }: MessageEvent) => heard.push(`${name}: ${data}`);
        useConnection(PROJECT, env, { ...leadingTo(env), onMessage });
        return null;
      }
      const { render } = mount(<Shell name="first" />);
      const connection = await connected(env);
      connection.send('one');
      await until(() => heard.length === 1);
      for (const name of ['second', 'third']) render(<Shell name={name} />);
      connection.send('two');
      await until(() => heard.length === 2);
      expect(heard).to.deep.equal(['first: one', 'third: two']);
      expect(await observed(env)).to.include({ attempts: 1 });
    });

    it('of a pair that is being left reach the handler that was rendered for it', async () => {
      const [left, next] = [newId(), newId()];
      const heard: string[] = [];
      function Shell({ env }: { env: string }) {
        const onMessage = ({ data }: MessageEvent) => heard.push(`${data} for ${env}`);
        useConnection(PROJECT, env, { ...leadingTo(env), onMessage });
        // Messages may come between a commit, of which this is a part, and its effects.
        useLayoutEffect(() => {
          if (env !== next) return;
          const connection = WebSocketManager.getConnection(PROJECT, left);
          connection.dispatchEvent(new MessageEvent('message', { data: 'late' }));
        }, [env]);
        return null;
      }
      const { render } = mount(<Shell env={left} />);
      await connected(left);
      render(<Shell env={next} />);
      expect(heard).to.deep.equal([`late for ${left}`]);
    });

    it('are heard while Suspense hides the component', async () => {
      const env = newId();
      const heard: unknown[] = [];
      const never = new Promise<never>(() => {});
      const Loading = () => use(never);
      function Shell() {
        useConnection(PROJECT, env, { ...leadingTo(env), onMessage: ({ data }) => heard.push(data) });
        return null;
      }
      const page = (loading: boolean) => (
        <Suspense fallback="loading">
          <Shell />
          {loading && <Loading />}
        </Suspense>
      );
      const { container, render } = mount(page(false));
      const connection = await connected(env);
      render(page(true));
      expect(container.textContent).to.equal('loading');
      connection.send('meanwhile');
      await until(() => heard.length > 0);
      expect(heard).to.deep.equal(['meanwhile']);
    });

    it("that a child sends from its effect, before its parent's has run, arrive", async () => {
      const env = newId();
      const Child = ({ send }: { send: (text: string) => void }) => {
        useEffect(() => send('from a child'), [send]);
        return null;
      };
      const Shell = () => <Child send={useConnection(PROJECT, env, leadingTo(env)).send} />;
      mount(<Shell />);
      const { attempts, messages } = await observed(env, { messages: 1 });
      expect(attempts).to.equal(1);
      expect(messages[0]).to.include({ text: 'from a child' });
    });
  });
}

/** Blocks this page meanwhile, so that the answers wait in the browser and come one right after another. */
function holdThePageUntilTheServerHas(env: string, count: number): void {
  const request = new XMLHttpRequest();
  request.open('GET', `/observed?id=${env}&messages=${count}`, false);
  request.send();
}
