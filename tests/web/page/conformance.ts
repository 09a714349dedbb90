// What the platform promises of a WebSocket, asked of the platform's own and of an EnvSocket to the letter.
// What cannot be the same is in conformance/impossible.md, with the reason.

import { binaryTypes } from './conformance/binary-types';
import { buffered } from './conformance/buffered';
import { closing } from './conformance/closing';
import { construction } from './conformance/construction';
import { events } from './conformance/events';
import { handlers } from './conformance/handlers';
import { handshakes } from './conformance/handshakes';
import { interfaceShape } from './conformance/interface';
import { life } from './conformance/life';
import { listeners } from './conformance/listeners';
import { protocols } from './conformance/protocols';
import { receiving } from './conformance/receiving';
import { sending } from './conformance/sending';
import { serverCloses } from './conformance/server-closes';
import { run } from './support/harness';
import { closeAll, envSocket, native } from './support/subject';

const GROUPS = {
  construction,
  interface: interfaceShape,
  protocols,
  life,
  closing,
  'closed by the server': serverCloses,
  sending,
  receiving,
  binaryType: binaryTypes,
  bufferedAmount: buffered,
  events,
  listeners,
  'handler attributes': handlers,
  handshakes,
};

run(20_000, () => {
  afterEach(closeAll);
  for (const subject of [native, envSocket]) {
    describe(subject.name, () => {
      for (const [name, declare] of Object.entries(GROUPS)) describe(name, () => declare(subject));
    });
  }
});
