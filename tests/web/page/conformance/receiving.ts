// Messages as they arrive: text and binary, empty, large, in fragments.

import { assert } from 'chai';
import { messages, next, opened, story } from '../support/events';
import { at, saying } from '../support/server';
import type { Subject } from '../support/subject';

export function receiving({ make }: Subject): void {
  for (const text of ['text', '', '日本', '😀', '\u0000', '\ufeffmark', '\u0000{"control":1}']) {
    it(`delivers ${JSON.stringify(text)} as it is`, async () => {
      assert.strictEqual((await next(make(saying([['text', text]])), 'message')).data, text);
    });
  }

  it('puts fragments together', async () => {
    const socket = make(saying([['fragments', ['one ', 'two ', '', 'three']], ['text', 'next']]));
    assert.deepEqual((await messages(socket, 2)).map(({ data }) => data as string), ['one two three', 'next']);
  });

  it('delivers text of 1 MiB whole', async () => {
    const { data } = await next(make(saying([['letters', 1_048_576]])), 'message');
    assert.equal((data as string).length, 1_048_576);
    assert.equal((data as string).slice(-6), 'abcdef');
  });

  it('delivers binary of 1 MiB whole', async () => {
    const socket = make(saying([['filled', 1_048_576]]));
    socket.binaryType = 'arraybuffer';
    const view = new Uint8Array((await next(socket, 'message')).data as ArrayBuffer);
    assert.equal(view.length, 1_048_576);
    assert.isTrue(view.every((byte, index) => byte === index % 251));
  });

  it('keeps the order of text and binary', async () => {
    const socket = make(saying([['text', 'a'], ['bytes', [1, 2]], ['text', 'b'], ['bytes', []], ['text', 'c']]));
    const kinds = (await messages(socket, 5)).map(({ data }) => (typeof data === 'string' ? data : (data as Blob).size));
    assert.deepEqual(kinds, ['a', 2, 'b', 0, 'c']);
  });

  it('delivers each of many messages, in order, in an event of its own', async () => {
    const texts = Array.from({ length: 200 }, (_, index) => `message ${index}`);
    const events = await messages(make(saying(texts.map((text) => ['text', text]))), texts.length);
    assert.deepEqual(events.map(({ data }) => data as string), texts);
    assert.equal(new Set(events).size, texts.length);
  });

  it('makes nothing of pings', async () => {
    const socket = make(saying([['ping', 'are you there'], ['text', 'real']]));
    assert.equal((await next(socket, 'message')).data, 'real');
  });

  it('delivers nothing that was cut off', async () => {
    const told = await story(make(saying([['text', 'whole'], ['half', 'a part of it'], ['drop']])));
    assert.notInclude(told.join(), 'a part');
    assert.match(told.at(-1) ?? '', /^close 1006/);
  });

  it('delivers compressed messages', async () => {
    const socket = await opened(make(at('/echo', { deflate: 1 })));
    const answer = next(socket, 'message');
    socket.send('squeeze '.repeat(1000));
    assert.equal((await answer).data, 'squeeze '.repeat(1000));
  });

  it('lets listeners answer from within', async () => {
    const socket = await opened(make(at('/echo')));
    let rounds = 0;
    const done = new Promise((resolve) => {
      socket.onmessage = ({ data }) => {
        rounds += 1;
        if (rounds === 20) resolve(data);
        else socket.send(`${data}+`);
      };
    });
    socket.send('');
    assert.equal(await done, '+'.repeat(19));
  });
}
