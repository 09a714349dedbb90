// Terminals that change their size while a link is down show the same when it is back, in the size that was
// last.

import { writeFile } from 'node:fs/promises';
import { LINES, PROGRAMS } from './support/programs';
import { expect, FLOOD, test } from './support/screens';

const [vim] = PROGRAMS;

for (const [absence, before] of [
  ['short', 'true'],
  ['long', FLOOD],
] as const) {
  test(`resized while away, ${absence}: lines that were wrapped, and a program`, async ({ rig, screens }) => {
    const { cut, whole } = screens;
    const file = rig.file();
    await writeFile(file, LINES);
    await screens.run(`head -n 50 ${file}; echo he""ad`, 'head');
    await screens.goAway();
    await screens.type(`${before}; head -n 40 ${file}; echo mo""re\n`, 'more');
    for (const shown of [cut, whole]) await shown.resize(100, 30);
    await screens.type(`stty size\n`, '30 100');
    await screens.type(...vim!.start(file));
    for (const shown of [cut, whole]) await shown.resize(64, 20);
    await screens.type(':120\r', 'line 120,');
    await screens.comeBack();
    await screens.expectSame();
    expect(await cut.gaps()).toHaveLength(absence === 'long' ? 1 : 0);
    await screens.type(':q!\r', 'more');
    await screens.run('stty size', '20 64');
    await screens.expectSameWithin();
  });
}

test('who is in charge and had two sizes while away has the last one, and the other shows it', async ({
  rig,
  screens,
}) => {
  const { cut, whole } = screens;
  const file = rig.file();
  await writeFile(file, LINES);
  const [start, text] = vim!.start(file);
  await cut.type(start);
  await whole.expectText(text);
  await screens.goAway();
  await cut.resize(100, 30);
  await cut.resize(90, 28);
  await screens.comeBack();
  await expect.poll(async () => (await whole.look()).size).toBe('90 x 28');
  await screens.expectSame();
  // Then the other one, while the link is whole.
  await whole.resize(110, 26);
  await expect.poll(async () => (await cut.look()).size).toBe('110 x 26');
  await screens.expectSame();
  await screens.type(':q!\r', 'begun');
  await screens.run('stty size', '26 110');
});
