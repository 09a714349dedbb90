// Programs that draw the whole terminal, on one whose link is cut and on one whose link never is.

import { writeFile } from 'node:fs/promises';
import { LINES, PROGRAMS, type Step } from './support/programs';
import { expect, FLOOD, test } from './support/screens';

for (const { name, start, steps, more, quit } of PROGRAMS) {
  test(`${name} is the same after a short absence, for a latecomer and after a long absence`, async ({
    rig,
    screens,
  }) => {
    const file = rig.file();
    await writeFile(file, LINES);
    const walk = async (steps: readonly Step[]) => {
      for (const [keys, text] of steps) await screens.type(keys, text);
    };

    await screens.goAway();
    await walk([start(file), ...steps]);
    await screens.comeBack();
    await screens.expectSame();
    expect(await screens.cut.gaps()).toEqual([]);
    const late = await screens.join();
    await screens.expectSame([late]);
    await walk([more]);
    await screens.expectSame([screens.cut, late]);

    await screens.goAway();
    await screens.type(quit, 'begun');
    await screens.type(`${FLOOD}; echo lo""ng\n`, 'long');
    await walk([start(file), ...steps]);
    await screens.comeBack();
    await screens.expectSame();
    await screens.expectOneGap();
    await walk([more]);
    await screens.expectSame([screens.cut, late]);
    // What it hid is there again.
    await screens.type(quit, 'long');
    await screens.expectSameWithin([screens.cut, late]);
  });
}
