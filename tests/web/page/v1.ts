// An EnvSocket and a server that speaks the resume protocol: which of the two ways is taken, and what the better
// one promises.

import { run } from './support/harness';
import { closeManagers } from './support/manager';
import { answers } from './v1/answers';
import { blobs } from './v1/blobs';
import { credit } from './v1/credit';
import { fitting } from './v1/fitting';
import { gaps } from './v1/gaps';
import { input } from './v1/input';
import { negotiating } from './v1/negotiating';
import { parsing } from './v1/parsing';
import { resuming } from './v1/resuming';
import { roles } from './v1/roles';
import { sizes } from './v1/sizes';
import { terminals } from './v1/terminals';
import { violations } from './v1/violations';

const GROUPS = {
  negotiating,
  resuming,
  gaps,
  input,
  blobs,
  credit,
  roles,
  sizes,
  terminals,
  answers,
  fitting,
  parsing,
  violations,
};

run(20_000, () => {
  afterEach(closeManagers);
  for (const [name, declare] of Object.entries(GROUPS)) describe(name, declare);
});
