// What tokens are read for, how they are put where they are sent, where they may go, and how they are taken out of
// the words of others.

import { expect, test } from 'vitest';

/** A module of the package that is not among its entries. */
async function internal<T>(name: string): Promise<T> {
  return (await import(new URL(`./${name}.js`, import.meta.resolve('envsocket')).href)) as T;
}

const { restOfLife } = await internal<{ restOfLife(token: string, now: number): number }>('expiry');
const { scrub } = await internal<{ scrub(text: string, tokens: string[]): string }>('secrets');
const { bearer, isPrivate, withQuery } = await internal<{
  bearer(token: string): string;
  isPrivate(url: string): boolean;
  withQuery(url: string, token: string): string;
}>('transports');

const NOW = 1_800_000_000_000;
const seconds = NOW / 1_000;

function jwt(payload: string | object): string {
  const parts = [{ alg: 'EdDSA' }, payload, 'signature'];
  const texts = parts.map((part) => (typeof part === 'string' ? part : JSON.stringify(part)));
  return texts.map((text) => Buffer.from(text).toString('base64url')).join('.');
}

test.each<[what: string, claims: object, rest: number]>([
  ['expires in a minute', { exp: seconds + 60 }, 60_000],
  ['was issued a while ago', { exp: seconds + 200, iat: seconds - 100 }, 200_000],
  ['is near its end, or by a clock ahead of its issuer', { exp: seconds + 60, iat: seconds - 240 }, 150_000],
  ['has a fraction', { exp: seconds + 0.5 }, 500],
  ['was issued in the future, by a clock ahead of ours', { exp: seconds + 7_260, iat: seconds + 7_200 }, 60_000],
  ['has expired before it came, by a clock behind ours', { exp: seconds - 60, iat: seconds - 360 }, 150_000],
  ['expires now, by a clock behind ours', { exp: seconds, iat: seconds - 300 }, 150_000],
  ['has expired, and does not say how long it lived', { exp: seconds - 60 }, NaN],
  ['was issued after it expired', { exp: seconds - 60, iat: seconds }, NaN],
  ['was issued after its expiry, which is to come', { exp: seconds + 60, iat: seconds + 61 }, 60_000],
  ['has an issue that is no number', { exp: seconds + 60, iat: 'yesterday' }, 60_000],
  ['has names that are not ASCII', { sub: 'Zoë 日本', exp: seconds + 60 }, 60_000],
  ['never expires', { sub: 'ada', iat: seconds }, NaN],
  ['has an expiry that is a text', { exp: `${seconds + 60}` }, NaN],
  ['has an expiry that is null', { exp: null }, NaN],
  ['has an expiry that is a list', { exp: [seconds + 60] }, NaN],
])('the rest of life of a token that %s', (_, claims, rest) => {
  expect(restOfLife(jwt(claims), NOW)).toBe(rest);
});

test.each([
  ['nothing', ''],
  ['an opaque word', 'opaque'],
  ['dots', '..'],
  ['more dots', jwt({ exp: seconds + 60 }) + '.more'],
  ['two parts', jwt({ exp: seconds + 60 }).split('.').slice(0, 2).join('.')],
  ['no base64', 'a.!!!.c'],
  ['base64 and no JSON', jwt('not JSON')],
  ['null', jwt('null')],
  ['a number', jwt('7')],
  ['a list', jwt('[1]')],
  ['an expiry past all numbers', jwt('{"exp":1e999}')],
])('%s says nothing of its expiry', (_, token) => {
  expect(restOfLife(token, NOW)).toBe(NaN);
});

test.each([
  ['wss://host/path', 'wss://host/path?token=t'],
  ['wss://host/path?', 'wss://host/path?token=t'],
  ['wss://host/?a=b', 'wss://host/?a=b&token=t'],
  ['wss://host/?a=b&', 'wss://host/?a=b&token=t'],
])('in the query of %s a token is the last parameter', (url, dressed) => {
  expect(withQuery(url, 't')).toBe(dressed);
});

const ODD = ['a b&c=d#e?f%g+h', 'Zoë 日本 🦀', jwt({ sub: 'ada' }), 'x'.repeat(8_192)];

test.each(ODD)('%# comes through whole', (token) => {
  expect(new URL(withQuery('wss://host/?a=b', token)).searchParams.get('token')).toBe(token);
  const name = bearer(token);
  // A subprotocol is a token of RFC 9110.
  expect(name).toMatch(/^envsocket\.bearer\.[\w-]+$/);
  expect(Buffer.from(name.slice('envsocket.bearer.'.length), 'base64url').toString()).toBe(token);
});

test.each<[isPrivate: boolean, urls: string[]]>([
  [true, ['wss://host/', 'wss://10.0.0.1/', 'ws://localhost:8080/', 'ws://LOCALHOST/', 'ws://a.b.localhost/']],
  [true, ['ws://127.0.0.1/', 'ws://127.9.8.7:80/', 'ws://2130706433/', 'ws://[::1]:9/', 'ws://[0:0::1]/']],
  [false, ['ws://host/', 'ws://10.0.0.1/', 'ws://127.0.0.1.example.com/', 'ws://localhost.example.com/']],
  [false, ['ws://notlocalhost/', 'ws://[::2]/', 'ws://128.0.0.1/', 'ws://0.0.0.0/', 'ws://127.0.0.1@host/']],
])('a token may go there in the open: %s', (isPrivateThere, urls) => {
  for (const url of urls) expect([url, isPrivate(url)]).toEqual([url, isPrivateThere]);
});

const SECRET = 'sesame-&-open/42+é';

test.each<[what: string, text: string, shown: string]>([
  ['as it is', `"${SECRET}" is no token`, '"…" is no token'],
  ['twice', `${SECRET} or ${SECRET}`, '… or …'],
  ['in a URL', `no /?token=${encodeURIComponent(SECRET)}`, 'no /?token=…'],
  ['as a subprotocol', `unknown: ${bearer(SECRET)}!`, 'unknown: …!'],
  ['cut off', `bad token ${SECRET.slice(0, 13)}`, 'bad token …'],
  ['without its beginning', `…${SECRET.slice(3)}`, '……'],
  ['not at all', 'sesame is a plant', 'sesame is a plant'],
])('a text that quotes a token %s', (_, text, shown) => {
  expect(scrub(text, ['another one', SECRET])).toBe(shown);
});

test('a text is cleared of each of several tokens, short ones too, and left alone without one', () => {
  expect(scrub('one, two and three', ['two', 'three'])).toBe('one, … and …');
  expect(scrub('one, two and three', [])).toBe('one, two and three');
  expect(scrub('', ['two'])).toBe('');
});
