// An EnvSocket on plain servers: what it promises beyond a WebSocket.

import { judging } from './plain/judging';
import { leaving } from './plain/leaving';
import { liveness } from './plain/liveness';
import { queueing } from './plain/queueing';
import { reconnecting } from './plain/reconnecting';
import { retrying } from './plain/retrying';
import { run } from './support/harness';
import { closeManagers } from './support/manager';

const GROUPS = { retrying, judging, reconnecting, queueing, liveness, leaving };

run(20_000, () => {
  afterEach(closeManagers);
  for (const [name, declare] of Object.entries(GROUPS)) describe(name, declare);
});
