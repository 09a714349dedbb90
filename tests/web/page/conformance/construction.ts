// `new`: arguments, their conversion and its order, URLs.

import { assert } from 'chai';
import { alike } from '../support/alike';
import { assertThrows, thrown } from '../support/events';
import { at } from '../support/server';
import type { Subject } from '../support/subject';

export function construction({ make, Interface, ...rest }: Subject): void {
  const subject = { make, Interface, ...rest };

  it('needs a URL', () => {
    assertThrows(() => make(), 'TypeError');
  });

  it('needs new', () => {
    assertThrows(() => (Interface as unknown as (url: string) => unknown)(at('/echo')), 'TypeError');
  });

  it('begins with empty attributes', () => {
    const socket = make(at('/echo'));
    assert.equal(socket.readyState, 0);
    assert.equal(socket.protocol, '');
    assert.equal(socket.extensions, '');
    assert.equal(socket.bufferedAmount, 0);
    assert.equal(socket.binaryType, 'blob');
    for (const name of ['onopen', 'onmessage', 'onerror', 'onclose'] as const) assert.isNull(socket[name], name);
  });

  for (const url of [
    'ws://',
    'wss://',
    'http://',
    'ws://host:99999/',
    'ws://host:port/',
    'ws://[::1/',
    'ws://%/',
    'ftp://host/',
    'file:///etc/hosts',
    'about:blank',
    'data:,x',
    'mailto:a@b',
    'javascript:0',
    'blob:null/0',
    'x://host/',
  ]) {
    it(`refuses ${url}`, () => {
      assertThrows(() => make(url), 'SyntaxError');
    });
  }

  for (const url of ['ws://lo cal/', 'ws://local|host/', 'ws://', 'ws:///']) {
    it(`takes or refuses ${url} as this browser does`, () => alike(subject, (make) => thrown(() => make(url))));
  }

  for (const url of ['ws://127.0.0.1/#', 'ws://127.0.0.1/#x', '/#x', '#']) {
    it(`does with the fragment of ${url} what this browser does`, () =>
      alike(subject, (make) => [thrown(() => make(url)), urlOf(() => make(url))]));
  }

  const base = `ws://${location.host}`;
  const folder = `${base}${location.pathname.replace(/[^/]*$/, '')}`;
  for (const [given, expected] of [
    [`${base}/echo`, `${base}/echo`],
    [base, `${base}/`],
    [`WS://${location.host}/echo`, `${base}/echo`],
    [`${base}/a/../echo`, `${base}/echo`],
    [`${base}/./echo?a b`, `${base}/echo?a%20b`],
    [`${base}/é`, `${base}/%C3%A9`],
    [`  ${base}/echo\n`, `${base}/echo`],
    [`${base}/e\tch\no`, `${base}/echo`],
    [`${base}\\echo`, `${base}/echo`],
    ['ws://localhost:80/echo', 'ws://localhost/echo'],
    ['wss://localhost:443/echo', 'wss://localhost/echo'],
    ['ws://localhost:443/echo', 'ws://localhost:443/echo'],
    ['ws://LOCALHOST:9/', 'ws://localhost:9/'],
    ['ws://0x7f.1:9/', 'ws://127.0.0.1:9/'],
    ['ws://[::0:1]:9/', 'ws://[::1]:9/'],
    ['ws://é.localhost:9/', 'ws://xn--9ca.localhost:9/'],
    ['ws://user:pass@localhost:9/', 'ws://user:pass@localhost:9/'],
    [`http://${location.host}/echo`, `${base}/echo`],
    ['https://localhost:9/echo', 'wss://localhost:9/echo'],
    ['/echo', `${base}/echo`],
    ['echo?x', `${folder}echo?x`],
    [`//${location.host}/echo`, `${base}/echo`],
    ['?x', `${base}${location.pathname}?x`],
    ['/\ud800', `${base}/%EF%BF%BD`],
  ] as const) {
    it(`makes ${JSON.stringify(given)} the URL ${expected}`, () => {
      assert.equal(make(given).url, expected);
    });
  }

  it('takes an empty URL as this browser does', () =>
    alike(
      subject,
      (make) => [thrown(() => make('')), urlOf(() => make(''))],
      ['nothing', `${base}${location.pathname}${location.search || (location.href.endsWith('?') ? '?' : '')}`],
    ));

  it('resolves against the base element as this browser does', () =>
    alike(subject, (make) => {
      const element = document.createElement('base');
      element.href = 'http://localhost:9/deep/';
      document.head.append(element);
      try {
        return make('echo').url;
      } finally {
        element.remove();
      }
    }, 'ws://localhost:9/deep/echo'));

  it('takes a URL object', () => {
    assert.equal(make(new URL(at('/echo'))).url, at('/echo'));
  });

  for (const [what, given, path] of [
    ['an object, by its toString', { toString: () => '/made' }, 'made'],
    ['null', null, 'null'],
    ['undefined', undefined, 'undefined'],
    ['a number', 5, '5'],
    ['an array', ['/a', 'b'], 'a,b'],
  ] as const) {
    it(`takes ${what} for a string`, () => {
      assert.equal(make(given).url, `${folder}${path}`);
    });
  }

  it('does not take a symbol for a string', () => {
    assertThrows(() => make(Symbol('x')), 'TypeError');
  });

  it('passes on what a conversion throws', () => {
    const bad = { toString: () => { throw new RangeError('mine'); } };
    assertThrows(() => make(bad), 'RangeError');
    assertThrows(() => make(at('/echo'), [bad]), 'RangeError');
  });

  it('converts the URL, then the protocols, and only then looks at them', () => {
    const order: string[] = [];
    const url = { toString: () => (order.push('url'), 'x://nowhere') };
    const protocols = { [Symbol.iterator]: () => (order.push('protocols'), [][Symbol.iterator]()) };
    assertThrows(() => make(url, protocols), 'SyntaxError');
    assert.deepEqual(order, ['url', 'protocols']);
  });

  it('has done all its conversions when it returns', () => {
    const url = new URL(at('/echo'));
    const socket = make(url);
    url.pathname = '/other';
    assert.equal(socket.url, at('/echo'));
  });

  it('connects to a port that browsers block as this browser does', () =>
    alike(subject, (make) => thrown(() => make('ws://127.0.0.1:1/'))));
}

function urlOf(make: () => WebSocket): string | null {
  try {
    return make().url;
  } catch {
    return null;
  }
}
