// Questions over connections, answered by the test itself in the server's place.
// Must not: wait for time to pass.

import { assert } from 'chai';
import type { ConnectionOptions, EnvSocket, ManagerOptions, QuestionMetrics, WebSocketManager } from 'envsocket';
import { next } from './events';
import { connection } from './manager';
import { at, control, newId, observed } from './server';

/** What `ask` sends. */
export interface Sent {
  readonly id: string;
  readonly question: unknown;
}

export interface Chat {
  readonly id: string;
  readonly socket: EnvSocket;
  readonly manager: WebSocketManager;
  /** All texts that the server was sent, once there are so many. */
  texts(least: number): Promise<(string | null)[]>;
  /** The latest question, once the server has so many messages. */
  sent(least?: number): Promise<Sent>;
  /** Has the server send this as JSON, or a text as it is. */
  says(message: unknown): Promise<void>;
  metrics(): QuestionMetrics;
}

/** A connection to a plain server that says nothing by itself; it may be open yet or not. */
export function chat(options: ConnectionOptions & ManagerOptions = {}): Chat {
  const id = newId();
  const { socket, manager } = connection({ url: at('/quiet', { id }), binaryType: 'arraybuffer', ...options });
  const texts = async (least: number) => {
    const { messages } = await observed(id, { messages: least });
    return messages.map(({ text }) => text);
  };
  return {
    id,
    socket,
    manager,
    texts,
    sent: async (least = 1) => JSON.parse((await texts(least)).at(-1)!) as Sent,
    says: (message) => control(id, 'send', { text: typeof message === 'string' ? message : JSON.stringify(message) }),
    metrics: () => manager.getMetrics().questions,
  };
}

/** One that is open. */
export async function openChat(options: ConnectionOptions & ManagerOptions = {}): Promise<Chat> {
  const made = chat(options);
  await next(made.socket, 'open');
  return made;
}

/** What it rejects with. */
export async function rejection(promise: Promise<unknown>): Promise<Error> {
  let answer: unknown;
  try {
    answer = await promise;
  } catch (error) {
    return error as Error;
  }
  return assert.fail(`it did not reject, but had the answer ${JSON.stringify(answer)}`);
}

/** That it is one of the platform's, of this name, and says this. */
export function assertException(error: unknown, name: string, says: RegExp): void {
  assert.instanceOf(error, DOMException);
  assert.equal((error as DOMException).name, name);
  assert.match((error as DOMException).message, says);
}

/** That nothing waits, and the next question gets its answer. */
export async function assertFree({ socket, sent, says, texts, manager }: Chat): Promise<void> {
  assert.deepEqual([socket.canAcceptQuestion, socket.currentQuestion], [true, null]);
  assert.equal(manager.getMetrics().questions.waiting, 0);
  const before = (await texts(0)).length;
  const answer = socket.ask('are you there?');
  const { id } = await sent(before + 1);
  await says({ id, answer: 'yes' });
  assert.equal(await answer, 'yes');
}
