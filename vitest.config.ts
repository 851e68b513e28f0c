import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    reporters: ['default', './test/support/totals-reporter.ts'],
    // Some tests start the real daemon or a browser; two cores serve two files at a time.
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Waiting for a condition costs nothing when it holds; a busy machine needs more than a second.
    expect: { poll: { timeout: 10_000 } },
  },
})
