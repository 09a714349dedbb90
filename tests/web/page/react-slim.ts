// The hooks of `envsocket/react` without the wasm inside the script. Must not: test more than that they work.

import { slim } from './react/slim';
import { run } from './support/harness';

run(20_000, slim);
