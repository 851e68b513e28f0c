import { defineConfig } from 'vitest/config'

/** Tests that change what the whole process has, such as its modules. */
const alone = ['test/device/host/clock.test.ts']

export default defineConfig({
  test: {
    // For test/proof/requests/run.ts.
    setupFiles: process.env['RECORDED_REQUESTS'] ? ['./test/proof/requests/record.ts'] : [],
    reporters: ['default', './test/support/totals-reporter.ts'],
    // Tests with a real daemon or browser often wait, so two cores run three files at a time.
    maxWorkers: 3,
    // Much of what a test makes is short-lived: collecting it in larger steps takes a tenth less CPU.
    execArgv: ['--max-semi-space-size=64'],
    // Waiting for a condition costs nothing when it holds, and a busy machine may be slow.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 30_000 } },
    projects: [
      { extends: true, test: { name: 'alone', include: alone } },
      {
        // Each test makes its own world, so files share a process, which loads large libraries once.
        extends: true,
        test: { name: 'shared', include: ['test/**/*.test.ts'], exclude: alone, isolate: false },
      },
    ],
  },
})
