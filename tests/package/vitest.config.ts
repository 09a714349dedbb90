// The built package in Node, as people import it: from `envsocket`, which npm links to pkg/.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    environment: 'node',
    include: ['*.test.ts'],
    // Each file in a process of its own: what importing does shows in a fresh one only.
    pool: 'forks',
  },
});
