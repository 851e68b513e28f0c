import { defineConfig } from 'vitest/config'

/** Tests of functions without side effects. They share a process, which saves a start for each file. */
const pure = ['test/{protocol,device/core,keypad-ui,proof/faults/door}/**/*.test.ts']

/** Tests of the cloud. Each makes its own, so they share a process, which loads the AWS SDK once. */
const cloud = ['test/{cloud,simulation/aws}/**/*.test.ts']

export default defineConfig({
  test: {
    reporters: ['default', './test/support/totals-reporter.ts'],
    // Some tests start the real daemon or a browser, so two cores run two files at a time.
    maxWorkers: 2,
    // Waiting for a condition costs nothing when it holds, and a busy machine may be slow.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 30_000 } },
    projects: [
      { extends: true, test: { name: 'pure', include: pure, isolate: false } },
      { extends: true, test: { name: 'cloud', include: cloud, isolate: false } },
      {
        extends: true,
        test: { name: 'other', include: ['test/**/*.test.ts'], exclude: [...pure, ...cloud] },
      },
    ],
  },
})
