// Terminals whose links are cut show what one shows that was never cut, cell for cell: after a short absence,
// of which they are told all, after a long one, of which they get a picture, and when they come late, too.

import { writeFile } from 'node:fs/promises';
import { SAMPLES } from './support/samples';
import { expect, FLOOD, test } from './support/screens';

for (const { name, first, then } of SAMPLES) {
  test(`after each kind of absence: ${name}`, async ({ rig, screens }) => {
    const [one, other] = [rig.file(), rig.file()];
    await writeFile(one, first);
    await writeFile(other, then);
    // Told by a title: it shows on no screen.
    const print = (file: string, title: string) => `cat ${file}; printf '\\033]2;${title}\\007'`;
    const { whole } = screens;
    const expectTitle = async (title: string) =>
      expect.poll(async () => (await whole.look()).title).toBe(title);

    await screens.goAway();
    await whole.type(`${print(one, 'short')}\n`);
    await expectTitle('short');
    await screens.comeBack();
    await screens.expectSame();
    expect(await screens.cut.gaps()).toEqual([]);
    const late = await screens.join();
    await whole.type(`${print(other, 'shorter')}\n`);
    await expectTitle('shorter');
    await screens.expectSame([screens.cut, late]);

    await screens.goAway();
    await whole.type(`printf '\\033c'; ${FLOOD}; ${print(one, 'long')}\n`);
    await expectTitle('long');
    await screens.comeBack();
    await screens.expectSame();
    await screens.expectOneGap();
    const later = await screens.join('latest');
    await whole.type(`${print(other, 'longer')}\n`);
    await expectTitle('longer');
    await screens.expectSameWithin([screens.cut, late, later]);
  });
}
