// When a component's connection begins, goes on and ends.

import { WebSocketManager } from 'envsocket';
import { useConnection, type UseConnectionOptions, type UseConnectionResult } from 'envsocket/react';
import { expect } from 'chai';

import { turn } from '../support/events';
import { at, control, newId, observed } from '../support/server';
import { hellos } from '../support/tokens';
import { cleanUp, connect, connected, leadingTo, mount, PROJECT } from './support';
import { roundTrip, statusOf, until } from './support';

/** What the hook said last, by environment. */
const said = new Map<string, UseConnectionResult>();

function Shell({ env, ...options }: { env: string } & UseConnectionOptions) {
  const result = useConnection(PROJECT, env, { ...leadingTo(env), ...options });
  said.set(env, result);
  return result.status;
}

const last = (env: string) => said.get(env)!;

export function life(): void {
  describe('a connection', () => {
    afterEach(cleanUp);

    it('goes on in the background after unmounting, and the next component shares it', async () => {
      const env = newId();
      const { unmount } = mount(<Shell env={env} />);
      const connection = await connected(env);
      unmount();
      await roundTrip(env);
      mount(<Shell env={env} />);
      expect(last(env)).to.include({ connection, status: 'connected' });
      expect(await observed(env)).to.include({ attempts: 1, open: 1 });
    });

    it('stays when the pair is left for another one, which is connected', async () => {
      const [first, second] = [newId(), newId()];
      const { render } = mount(<Shell env={first} />);
      await connected(first);
      render(<Shell env={second} />);
      expect(last(second)).to.include({ connection: await connected(second) });
      await roundTrip(first);
    });

    it('stays itself when it gets another token', async () => {
      const env = newId();
      const statuses: string[] = [];
      const shell = (token: string) => (
        <Shell env={env} token={token} onStatusChange={({ detail }) => statuses.push(detail.status)} />
      );
      const { render } = mount(shell('one'));
      const connection = await connected(env);
      render(shell('another'));
      await roundTrip(env);
      expect(last(env)).to.include({ connection });
      expect(statuses).to.deep.equal(['connected']);
      expect(await observed(env)).to.include({ attempts: 1, open: 1 });
    });

    it('asks the function of the latest render, and only when a token is needed', async () => {
      const env = newId();
      const asked: string[] = [];
      const shell = (render: string) => (
        <Shell
          env={env}
          backoff={{ baseMs: 1, capMs: 1 }}
          protocol="off"
          tokenTransport="query"
          token={async ({ projectName, envId, reason }) => {
            asked.push(`${render}: ${reason} for ${projectName} ${envId}`);
            return `of-the-${render}`;
          }}
        />
      );
      const { render, unmount } = mount(shell('first'));
      await connected(env);
      for (const name of ['second', 'third', 'fourth']) render(shell(name));
      await roundTrip(env);
      expect(asked).to.deep.equal([`first: first for ${PROJECT} ${env}`]);
      await control(env, 'close', { code: 4401 });
      await observed(env, { attempts: 2 });
      await roundTrip(env);
      expect(asked.slice(1)).to.deep.equal([`fourth: rejected for ${PROJECT} ${env}`]);
      unmount();
      await control(env, 'drop');
      const { requests } = await observed(env, { attempts: 3 });
      const tokens = requests.map(({ path }) => new URL(path, 'ws://x').searchParams.get('token'));
      expect(tokens).to.deep.equal(['of-the-first', 'of-the-fourth', 'of-the-fourth']);
    });

    it('waits for one answer, however often it renders meanwhile', async () => {
      const env = newId();
      const { promise, resolve } = Promise.withResolvers<string>();
      let calls = 0;
      const shell = () => (
        <Shell
          env={env}
          protocol="off"
          tokenTransport="query"
          token={() => {
            calls += 1;
            return promise;
          }}
        />
      );
      const { render } = mount(shell());
      for (let times = 0; times < 3; times += 1) {
        render(shell());
        last(env).reconnect();
        await turn();
      }
      resolve('token');
      await connected(env);
      expect(calls).to.equal(1);
    });

    for (const token of ['own', () => 'own']) {
      it(`comes back from a sign-out with the token that it has, a ${typeof token}`, async () => {
        const env = newId();
        const { render } = mount(<Shell env={env} url={at('/v1', { id: env })} token="before" />);
        const connection = await connected(env);
        render(<Shell env={env} url={at('/v1', { id: env })} token={token} />);
        WebSocketManager.signOut();
        await until(() => statusOf(env) === 'disconnected' && last(env).status === 'disconnected');
        last(env).reconnect();
        expect(await connected(env)).to.equal(connection);
        expect((await hellos(env, 2)).at(-1)).to.equal('own');
      });
    }

    it('leaves a token alone that its connection was given since', async () => {
      const env = newId();
      mount(<Shell env={env} url={at('/v1', { id: env })} token="own" />);
      await connected(env);
      WebSocketManager.getConnection(PROJECT, env, 'given-since');
      last(env).reconnect();
      expect(await hellos(env, 2)).to.deep.equal(['own', 'given-since']);
    });

    it('does not come back from its close for another token', async () => {
      const env = newId();
      const { render } = mount(<Shell env={env} token="one" />);
      await connected(env);
      last(env).close();
      await until(() => statusOf(env) === 'disconnected');
      render(<Shell env={env} token="another" />);
      expect(statusOf(env)).to.equal('disconnected');
    });

    it('stays after its final close, and reconnect() begins a new life that is heard', async () => {
      const env = newId();
      const heard: string[] = [];
      const hear = ({ type }: Event) => heard.push(type);
      mount(<Shell env={env} onOpen={hear} onClose={hear} />);
      const connection = await connected(env);
      const { close, reconnect } = last(env);
      close(4000, 'bye');
      await until(() => heard.includes('close') && last(env).snapshot === null);
      expect(last(env)).to.include({ connection, status: 'disconnected' });
      reconnect();
      await until(() => heard.length === 3);
      expect(heard).to.deep.equal(['open', 'close', 'open']);
      expect(await connected(env)).to.equal(connection);
    });

    it('that takes the place of another is followed, and the other is heard to its end', async () => {
      const env = newId();
      const heard: Event[] = [];
      const hear = (event: Event) => heard.push(event);
      mount(<Shell env={env} onClose={hear} onMessage={hear} />);
      const first = await connected(env);
      first.close();
      const second = connect(env);
      expect(second).not.to.equal(first);
      await roundTrip(env);
      await until(() => heard.length === 2);
      expect(heard.map(({ type, target }) => [type, target])).to.have.deep.members([
        ['close', first],
        ['message', second],
      ]);
      expect(last(env)).to.include({ connection: second });
    });

    it('has the same commands for as long as the pair is the same', async () => {
      const env = newId();
      mount(<Shell env={env} />);
      const before = last(env);
      await connected(env);
      await until(() => last(env) !== before);
      const { send, reconnect, close, setActive } = before;
      expect(last(env)).to.include({ send, reconnect, close, setActive });
    });
  });

  describe('a disabled connection', () => {
    afterEach(cleanUp);

    it('is not made, and is made when it is enabled', async () => {
      const env = newId();
      const { render } = mount(<Shell env={env} enabled={false} />);
      expect(last(env)).to.include({ connection: null, status: 'disconnected' });
      expect(() => last(env).send('to nobody')).to.throw(DOMException, 'disabled');
      expect(WebSocketManager.getSnapshot().connections).to.deep.equal([]);
      render(<Shell env={env} enabled />);
      await connected(env);
    });

    it('that exists is seen, but neither heard nor closed', async () => {
      const env = newId();
      const heard: unknown[] = [];
      const shell = (enabled: boolean) => (
        <Shell env={env} enabled={enabled} closeOnUnmount onMessage={({ data }) => heard.push(data)} />
      );
      const { render, unmount } = mount(shell(true));
      await connected(env);
      render(shell(false));
      await roundTrip(env);
      expect(heard).to.deep.equal([]);
      expect(last(env)).to.include({ status: 'connected' });
      unmount();
      await turn();
      await roundTrip(env);
      expect(await observed(env)).to.include({ attempts: 1, open: 1 });
    });
  });
}
