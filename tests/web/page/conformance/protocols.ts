// Subprotocols: what may be asked for, how it is converted, and what the server chooses.

import { assert } from 'chai';
import { alike } from '../support/alike';
import { assertThrows, next, opened, story, thrown } from '../support/events';
import { at, newId, observed } from '../support/server';
import type { Subject } from '../support/subject';

const SEPARATORS = '()<>@,;:\\"/[]?={} \t';

export function protocols(subject: Subject): void {
  const { make } = subject;

  for (const bad of ['', ' ', 'ä', '\u0080', '\u007f', '\u0000', 'a\nb', '\ud800', ...[...SEPARATORS].map((c) => `a${c}b`)]) {
    it(`refuses ${JSON.stringify(bad)}`, () => {
      assertThrows(() => make(at('/echo'), bad), 'SyntaxError');
      assertThrows(() => make(at('/echo'), ['fine', bad]), 'SyntaxError');
    });
  }

  it('refuses the same one twice', () => {
    assertThrows(() => make(at('/echo'), ['a', 'b', 'a']), 'SyntaxError');
  });

  it('takes names that differ in case as this browser does', () =>
    alike(subject, (make) => thrown(() => make(at('/echo'), ['a', 'A']))));

  it('looks at the URL first', () => {
    assertThrows(() => make('x://host/', ['', '']), 'SyntaxError');
  });

  it('takes every character of a token', async () => {
    const token = "!#$%&'*+-.^_`|~09azAZ";
    const socket = await opened(make(at('/echo'), token));
    assert.equal(socket.protocol, token);
  });

  async function asked(make: Subject['make'], ...given: unknown[]): Promise<string | null> {
    const id = newId();
    const socket = make(at('/echo', { id }), ...given);
    await next(socket, 'open');
    return (await observed(id, { attempts: 1 })).requests[0]!.protocols;
  }

  for (const [what, given, expected] of [
    ['a string', 'one', 'one'],
    ['an array', ['one', 'two'], 'one,two'],
    ['a set', new Set(['one', 'two']), 'one,two'],
    ['an array of things that become strings', [1, null, undefined, true], '1,null,undefined,true'],
    ['null, for a string', null, 'null'],
    ['a number, for a string', 7, '7'],
    ['a String object, for a sequence', new String('ab'), 'a,b'],
    ['an empty array', [], null],
    ['undefined', undefined, null],
  ] as const) {
    it(`asks the server for ${what}`, async () => {
      const header = await asked(make, given);
      assert.equal(header?.replaceAll(', ', ',') ?? null, expected);
    });
  }

  it('takes what a generator yields, once', async () => {
    let runs = 0;
    function* names() {
      runs += 1;
      yield 'one';
      yield 'two';
    }
    assert.equal((await asked(make, names()))?.replaceAll(', ', ','), 'one,two');
    assert.equal(runs, 1);
  });

  it('does not take an array-like object for a sequence', () => {
    assertThrows(() => make(at('/echo'), { length: 1, 0: 'a' }), 'SyntaxError');
  });

  it('does not take symbols', () => {
    assertThrows(() => make(at('/echo'), Symbol('x')), 'TypeError');
    assertThrows(() => make(at('/echo'), [Symbol('x')]), 'TypeError');
  });

  it('does not take an iterator method that is none', () => {
    assertThrows(() => make(at('/echo'), { [Symbol.iterator]: 5 }), 'TypeError');
  });

  it('has copied the list when it returns', async () => {
    const id = newId();
    const list = ['one'];
    const socket = make(at('/echo', { id }), list);
    list.push('two');
    await opened(socket);
    assert.equal((await observed(id)).requests[0]!.protocols, 'one');
  });

  it('tells which one the server chose', async () => {
    assert.equal((await opened(make(at('/echo'), ['one', 'two']))).protocol, 'one');
    assert.equal((await opened(make(at('/echo', { protocol: 'last' }), ['one', 'two']))).protocol, 'two');
  });

  it('has no protocol before it is open, and keeps it when it is closed', async () => {
    const socket = make(at('/echo'), ['one']);
    assert.equal(socket.protocol, '');
    await opened(socket);
    socket.close();
    await next(socket, 'close');
    assert.equal(socket.protocol, 'one');
  });

  it('has an empty protocol when none was asked for', async () => {
    assert.equal((await opened(make(at('/echo')))).protocol, '');
  });

  for (const [what, protocol] of [
    ['chooses none', 'none'],
    ['chooses one that was not asked for', 'three'],
    ['chooses one in another case', 'ONE'],
  ] as const) {
    it(`does what this browser does with a server that ${what}`, () =>
      alike(subject, (make) => {
        const socket = make(at('/echo', { protocol }), ['one', 'two']);
        socket.addEventListener('open', () => socket.close(1000));
        return story(socket);
      }));
  }
}
