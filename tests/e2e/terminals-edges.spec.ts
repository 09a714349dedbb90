// What programs print is cut anywhere, in the middle of characters and of sequences: by reads, by frames, by
// the end of what the server keeps, and by links. No terminal may show it.

import { writeFile } from 'node:fs/promises';
import { soup } from './support/samples';
import { expect, printing, test } from './support/screens';

/** Each byte a character. What no terminal can read is among them. */
const WHOLES = [
  '\xe2\x82\xac', // €
  '\xe2\x80\xa6', // …
  '\xf0\x9f\x98\x80', // 😀
  'e\xcc\x81',
  '\xe6\x97\xa5\xe6\x9c\xac', // 日本
  '\x1b[4;31m',
  '\x1b]2;\xc3\xb6\x07',
  '\x1bPz\x1b\\',
  '\x1b(0',
  '\x1b\x00[\x003m',
  'a\x00b',
  '\x00\x00\x00',
  '\xff\xfe',
  '\xc3\xe2\x82(',
  '\xed\xa0\x80',
  '\xc0\xaf\xf5\x80',
  '\x80\xbf',
  '\r\n',
];

const HALVES = WHOLES.flatMap((whole) =>
  Array.from({ length: whole.length - 1 }, (_, at) => [whole.slice(0, at + 1), whole.slice(at + 1)] as const),
);

test('a latecomer, and one who was away, go on in the middle of characters and sequences', async ({
  screens,
}) => {
  const { cut, whole } = screens;
  await screens.run('stty -opost; echo ra""w', 'raw');
  for (const shown of [cut, whole]) await shown.forget();
  await screens.goAway();
  let printed = '';
  const print = async (bytes: string) => {
    printed += bytes;
    await whole.type(`${printing(bytes)}\n`);
    await whole.hear(printed.length);
  };
  for (const [first, then] of HALVES) {
    await print(first);
    const late = await screens.join(`late (${JSON.stringify(first)})`);
    await print(`${then}\x0f\x1b(B|`);
    await screens.expectSame([late]);
    await late.leave();
  }
  await screens.comeBack();
  await screens.expectSame();
  expect(await cut.heard()).toBe(printed);
  expect(await whole.heard()).toBe(printed);
  expect(await cut.gaps()).toEqual([]);
});

for (const [what, first, then] of [
  ['after three of four bytes', '\xf0\x9f\x98', '\x80|'],
  ['after one of three bytes', '\xe2', '\x82\xac|'],
  ['in a sequence', '\x1b[3', '1mred'],
] as const) {
  test(`a picture ends where the output does, ${what}`, async ({ rig, screens }) => {
    const { whole } = screens;
    // So long that it begins and ends, for the server, in the middle of some character.
    const file = rig.file();
    await writeFile(file, `${'日本語の端末…€😀\0'.repeat(80_000)}\n`);
    await screens.goAway();
    await screens.type(`cat ${file}; echo lo""ng; ${printing(`end:${first}`)}\n`, 'end:');
    await screens.comeBack();
    await screens.expectOneGap();
    await screens.expectSame();
    await whole.type(`${printing(then)}; echo af""ter\n`);
    await whole.expectText('after');
    await screens.expectSameWithin();
  });
}

test('links that are cut anywhere in bytes of all kinds lose and double none of them', async ({
  rig,
  screens,
}) => {
  const { cut, proxy, whole } = screens;
  const file = rig.file();
  const bytes = soup(200_000);
  await writeFile(file, bytes, 'latin1');
  await screens.run('stty -opost; echo ra""w', 'raw');
  for (const shown of [cut, whole]) await shown.forget();
  const cuts = Array.from({ length: 20 }, (_, number) => 900 + number * 331);
  for (const after of cuts) await proxy.plan({ way: 'down', after, manner: 'reset' });
  await proxy.cut('finish');
  await whole.type(`cat ${file}\n`);
  await whole.hear(bytes.length);
  await cut.hear(bytes.length);
  expect(await cut.heard()).toBe(bytes);
  expect(await whole.heard()).toBe(bytes);
  await screens.expectSame();
  expect(await proxy.tally()).toMatchObject({ cut: cuts.length + 1 });
  expect(await cut.gaps()).toEqual([]);
});
