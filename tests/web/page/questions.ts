// Questions over a connection: one at a time, each with one end, and nothing left of it. Channels, and messages to all.

import { answering } from './questions/answering';
import { asking } from './questions/asking';
import { broadcasting } from './questions/broadcasting';
import { channels } from './questions/channels';
import { givingUp } from './questions/giving-up';
import { losing } from './questions/losing';
import { resuming } from './questions/resuming';
import { run } from './support/harness';
import { closeManagers } from './support/manager';

const GROUPS = { asking, answering, 'giving up': givingUp, losing, resuming, channels, broadcasting };

run(20_000, () => {
  afterEach(closeManagers);
  for (const [name, declare] of Object.entries(GROUPS)) describe(name, declare);
});
