import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    environment: 'node',
    include: ['test/**/*.test.ts', 'src/**/*.test.ts'],
    // The engine is a native addon: a process per file, so that a crash or a leak stays with the file that caused it.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 90_000,
    hookTimeout: 60_000,
    silent: 'passed-only',
    // The default reporter comes last: its summary closes the output.
    reporters: ['./scripts/skipped-reporter.mjs', 'default'],
  },
});
