import type { Reporter, TestModule } from 'vitest/node'

/** Closes the run with one line that anyone, or any script, can read. */
export default class TotalsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()])
    const count = (state: string) => tests.filter((test) => test.result().state === state).length
    const brokenFiles = modules.filter((module) => module.errors().length > 0).length
    const failed = count('failed') + brokenFiles + unhandledErrors.length
    const skipped = count('skipped') > 0 ? `, ${count('skipped')} skipped` : ''
    process.on('exit', () =>
      process.stdout.write(`${count('passed')} passed, ${failed} failed${skipped}\n`),
    )
  }
}
