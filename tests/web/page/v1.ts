// An EnvSocket and a server that speaks the resume protocol: which of the two ways is taken, and what the better
// one promises.

import { run } from './support/harness';
import { closeManagers } from './support/manager';
import { blobs } from './v1/blobs';
import { gaps } from './v1/gaps';
import { input } from './v1/input';
import { negotiating } from './v1/negotiating';
import { resuming } from './v1/resuming';
import { sizes } from './v1/sizes';
import { terminals } from './v1/terminals';
import { violations } from './v1/violations';

const GROUPS = { negotiating, resuming, gaps, input, blobs, sizes, terminals, violations };

run(20_000, () => {
  afterEach(closeManagers);
  for (const [name, declare] of Object.entries(GROUPS)) describe(name, declare);
});
