import { run } from './support/harness';
run(20_000, () => {});
