// EnvSockets on servers of other people's libraries, whose authors have never heard of us: `auto` works with each,
// and none receives a control frame.

import { run } from '../../web/page/support/harness';
import { closeManagers } from '../../web/page/support/manager';
import { echoes } from './echoes';
import { fastApi } from './fastapi';
import { jupyter } from './jupyter';
import { nodeWs } from './node-ws';
import { closeAlone } from './support/link';
import { endTaps } from './support/server';

// A Jupyter server takes its time to start, on a busy machine.
run(60_000, () => {
  afterEach(async () => {
    await closeManagers();
    await closeAlone();
    // Now that everything was said.
    await endTaps();
  });
  describe('FastAPI under uvicorn', () => {
    echoes('FastAPI', { chooses: 'none' });
    fastApi();
  });
  describe("Node's ws", () => {
    echoes('ws', { chooses: 'the first' });
    nodeWs();
  });
  describe('tokio-tungstenite', () => echoes('tokio-tungstenite', { chooses: 'none' }));
  describe('Jupyter', jupyter);
});
