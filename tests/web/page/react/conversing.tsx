// Hooks for what goes on over a connection: its question, and its channels.

import { WebSocketManager } from 'envsocket';
import { BusyError, useChannel, useConnection, useQuestion, type UseQuestionResult } from 'envsocket/react';
import { expect } from 'chai';

import { control, newId, observed } from '../support/server';
import { cleanUp, connect, connected, leadingTo, mount, PROJECT, until } from './support';

const live = (channel: string, data: unknown) => ({ channel, data });

async function say(env: string, ...messages: unknown[]): Promise<void> {
  for (const message of messages) await control(env, 'send', { text: JSON.stringify(message) });
}

export function conversing(): void {
  describe('useQuestion', () => {
    afterEach(cleanUp);

    it('asks, shows what is waited for, and is free again with the answer', async () => {
      const env = newId();
      const seen: UseQuestionResult[] = [];
      function Chat() {
        const { connection } = useConnection(PROJECT, env, leadingTo(env, '/quiet'));
        seen.push(useQuestion(connection));
        const { canAcceptQuestion, currentQuestion } = seen.at(-1)!;
        return `${canAcceptQuestion} ${(currentQuestion?.question as string | undefined) ?? 'nothing'}`;
      }
      const { container } = mount(<Chat />);
      await connected(env);
      await until(() => container.textContent === 'true nothing');
      const { ask } = seen.at(-1)!;
      const answer = ask<string>('why?');
      await until(() => container.textContent === 'false why?');
      const error = await ask('another').catch((error: unknown) => error);
      expect(error).to.be.instanceOf(BusyError);
      const { messages } = await observed(env, { messages: 1 });
      const { id } = JSON.parse(messages[0]!.text!) as { id: string };
      await say(env, { id, answer: 'because' });
      expect(await answer).to.equal('because');
      await until(() => container.textContent === 'true nothing');
      expect(seen.at(-1)!.ask).to.equal(ask);
    });

    it('shows that nothing can be asked once the connection is over, and why a question failed', async () => {
      const env = newId();
      connect(env);
      const connection = await connected(env);
      const Chat = () => {
        const { canAcceptQuestion, currentQuestion } = useQuestion(connection);
        return `${canAcceptQuestion} ${currentQuestion === null}`;
      };
      const { container } = mount(<Chat />);
      expect(container.textContent).to.equal('true true');
      const lost = connection.ask('why?', { answer: () => false }).catch((error: Error) => error.name);
      await until(() => container.textContent === 'false false');
      connection.close();
      await until(() => container.textContent === 'false true');
      expect(await lost).to.equal('InvalidStateError');
      connection.reconnect();
      await until(() => container.textContent === 'true true');
    });

    it('asks nothing without a connection', async () => {
      let used: UseQuestionResult | undefined;
      function Chat() {
        used = useQuestion(null);
        return `${used.canAcceptQuestion} ${used.currentQuestion === null}`;
      }
      const { container } = mount(<Chat />);
      expect(container.textContent).to.equal('false true');
      const error = await used!.ask('why?').catch((error: unknown) => error as Error);
      expect(error).to.include({ name: 'InvalidStateError', message: 'ask: there is no connection' });
    });
  });

  describe('useChannel', () => {
    afterEach(cleanUp);

    it('has the history that the server sends as it opens, and then what comes', async () => {
      const env = newId();
      const past = { channel: 'log:history', data: [live('log', 1), live('log', 2)] };
      function Log() {
        const greeting = { script: JSON.stringify([['text', JSON.stringify(past)]]) };
        const { connection } = useConnection(PROJECT, env, leadingTo(env, '/say', greeting));
        const { data, history } = useChannel<number>(connection, 'log');
        return `${data ?? 'nothing'} of ${history.join()}`;
      }
      const { container } = mount(<Log />);
      expect(container.textContent).to.equal('nothing of ');
      await until(() => container.textContent === '2 of 1,2');
      await say(env, live('other', 0), live('log', 3));
      await until(() => container.textContent === '3 of 1,2,3');
    });

    it('shows a late component what there was, and goes on while none is there', async () => {
      const env = newId();
      connect(env);
      const connection = await connected(env);
      const Log = ({ name, history }: { name: string; history?: number }) => {
        const channel = useChannel<number>(connection, name, history === undefined ? {} : { history });
        return `${channel.data ?? 'nothing'} of ${channel.history.join()}`;
      };
      const first = mount(<Log name="log" />);
      await say(env, live('log', 1));
      await until(() => first.container.textContent === '1 of 1');
      const before = WebSocketManager.debugResources().listeners;
      first.unmount();
      expect(WebSocketManager.debugResources().listeners).to.equal(before - 1);
      await say(env, live('log', 2));
      await until(() => connection.channel('log').history.length === 2);
      const late = mount(<Log name="log" />);
      expect(late.container.textContent).to.equal('2 of 1,2');
      late.render(<Log name="other" history={0} />);
      expect(late.container.textContent).to.equal('nothing of ');
      await say(env, live('other', 7), live('other', 8));
      await until(() => late.container.textContent === '8 of ');
      late.render(<Log name="log" />);
      expect(late.container.textContent).to.equal('2 of 1,2');
    });

    it('renders what has not changed as the same array', async () => {
      const env = newId();
      connect(env);
      const connection = await connected(env);
      const seen: (readonly unknown[])[] = [];
      const Log = () => {
        seen.push(useChannel(connection, 'log').history);
        return seen.length;
      };
      const { render } = mount(<Log />);
      await say(env, live('log', 1));
      await until(() => seen.at(-1)!.length === 1);
      const before = seen.at(-1);
      render(<Log />);
      expect(seen.at(-1)).to.equal(before);
    });

    it('keeps what it had when the connection is over, and begins anew with another life', async () => {
      const env = newId();
      connect(env);
      const connection = await connected(env);
      const Log = () => {
        const { data, history } = useChannel<number>(connection, 'log');
        return `${data ?? 'nothing'} of ${history.join()}`;
      };
      const { container, render } = mount(<Log />);
      await say(env, live('log', 1));
      await until(() => container.textContent === '1 of 1');
      connection.close();
      await until(() => connection.readyState === connection.CLOSED);
      render(<Log />);
      expect(container.textContent).to.equal('1 of 1');
      connection.reconnect();
      await until(() => container.textContent === 'nothing of ');
      await connected(env);
      await say(env, live('log', 2));
      await until(() => container.textContent === '2 of 2');
    });
  });
}
