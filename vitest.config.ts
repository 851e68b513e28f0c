import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    reporters: ['default', './test/support/totals-reporter.ts'],
    // Some tests start the real daemon or a browser; two cores serve two files at a time.
    maxWorkers: 2,
    // Waiting for a condition costs nothing when it holds, and a busy machine may take its time.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 30_000 } },
  },
})
