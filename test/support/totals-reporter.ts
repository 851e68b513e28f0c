import type { Reporter, TestModule } from 'vitest/node'

/** Ends the run with one line for people and scripts: how many tests passed and failed. */
export default class TotalsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()])
    const count = (state: string) => tests.filter((test) => test.result().state === state).length
    const brokenFiles = modules.filter((module) => module.errors().length > 0).length
    const failed = count('failed') + brokenFiles + unhandledErrors.length
    const skipped = count('skipped')
    process.on('exit', () => {
      if (skipped > 0) process.stdout.write(`${skipped} left to npm run proof\n`)
      process.stdout.write(`${count('passed')} passed, ${failed} failed\n`)
    })
  }
}
