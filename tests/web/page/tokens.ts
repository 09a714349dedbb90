// What proves who connects: when it is asked for, how it is sent, where it must not show, and what it allows.

import { run } from './support/harness';
import { closeManagers } from './support/manager';
import { access } from './tokens/access';
import { asking } from './tokens/asking';
import { insecurity } from './tokens/insecurity';
import { rejecting } from './tokens/rejecting';
import { renewing } from './tokens/renewing';
import { replacing } from './tokens/replacing';
import { secrecy } from './tokens/secrecy';
import { signingOut } from './tokens/signing-out';
import { transports } from './tokens/transports';

const GROUPS = {
  asking,
  rejecting,
  renewing,
  replacing,
  transports,
  insecurity,
  access,
  'signing out': signingOut,
  secrecy,
};

run(20_000, () => {
  afterEach(closeManagers);
  for (const [name, declare] of Object.entries(GROUPS)) describe(name, declare);
});
