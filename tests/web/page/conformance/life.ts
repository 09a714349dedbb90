// readyState and the order of events over a whole life.

import { assert } from 'chai';
import { alike } from '../support/alike';
import { errorsDuring, next, opened, story, turn } from '../support/events';
import { at, saying } from '../support/server';
import type { Subject } from '../support/subject';

export function life(subject: Subject): void {
  const { make } = subject;

  it('opens, delivers and closes, each in its state', async () => {
    const socket = make(saying([['text', 'one'], ['text', 'two']]));
    const told = story(socket);
    socket.addEventListener('message', ({ data }) => data === 'two' && socket.close(3000, 'enough'));
    assert.deepEqual(await told, [
      'open () in 1',
      'message one in 1',
      'message two in 1',
      'close 3000 "enough" clean in 3',
    ]);
  });

  it('tells nothing before the constructor has returned', async () => {
    const socket = make(at('/echo'));
    let returned = false;
    socket.addEventListener('open', () => assert.isTrue(returned));
    returned = true;
    await opened(socket);
  });

  it('hears handlers that are set right after the constructor', async () => {
    const socket = make(at('/echo'));
    await new Promise((resolve) => (socket.onopen = resolve));
    assert.equal(socket.readyState, 1);
  });

  it('is closing from close() on, and closed in the close event', async () => {
    const socket = await opened(make(at('/echo')));
    socket.close();
    assert.equal(socket.readyState, 2);
    await next(socket, 'close');
    assert.equal(socket.readyState, 3);
  });

  it('has its protocol and extensions when it opens', async () => {
    const socket = make(at('/echo', { deflate: 1 }), 'one');
    await opened(socket);
    assert.equal(socket.protocol, 'one');
    assert.match(socket.extensions, /^permessage-deflate/);
    socket.close();
    await next(socket, 'close');
    assert.match(socket.extensions, /^permessage-deflate/);
  });

  it('has no extensions when the server agreed to none', async () => {
    assert.equal((await opened(make(at('/echo')))).extensions, '');
  });

  it('keeps its URL to the end', async () => {
    const socket = make(at('/refused', { status: 401 }));
    await next(socket, 'close');
    assert.equal(socket.url, at('/refused', { status: 401 }));
  });

  it('delivers what came before a close of the server', async () => {
    const socket = make(saying([['text', 'last words'], ['close', 1000]]));
    const heard = await story(socket);
    assert.include(heard, 'message last words in 1');
    assert.match(heard.at(-1) ?? '', /^close 1000 "" clean/);
  });

  it('delivers after close() what this browser delivers', () =>
    alike(subject, (make) => {
      const socket = make(saying([['text', 'one'], ['text', 'two'], ['text', 'three']], 'message'));
      socket.addEventListener('open', () => socket.send('go'));
      socket.addEventListener('message', () => socket.close(1000));
      return story(socket);
    }));

  it('is silent after its close event', async () => {
    const socket = make(at('/close', { code: 1000 }));
    await next(socket, 'close');
    for (const type of ['open', 'message', 'error', 'close']) {
      socket.addEventListener(type, () => assert.fail(type));
    }
    socket.close();
    socket.send('x');
    await turn();
  });

  it('is not reported as an error of the page when it fails', async () => {
    const errors = await errorsDuring(() => next(make(at('/refused', { status: 401 })), 'close'));
    assert.deepEqual(errors, []);
  });

  it('sends in its open event, and the answer comes back', async () => {
    const socket = make(at('/echo'));
    socket.onopen = () => socket.send('first');
    assert.equal((await next(socket, 'message')).data, 'first');
  });

  it('lives with many others side by side', async () => {
    const sockets = await Promise.all(Array.from({ length: 20 }, () => opened(make(at('/echo')))));
    const answers = sockets.map((socket, index) => {
      const answer = next(socket, 'message');
      socket.send(`${index}`);
      return answer;
    });
    const data = (await Promise.all(answers)).map((event) => event.data as string);
    assert.deepEqual(data, sockets.map((_, index) => `${index}`));
  });
}
