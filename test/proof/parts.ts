/** The parts of `npm run proof`: what each one shows, and the command that runs it. */
import { projectFiles } from '../support/project-files.ts'
import { missingForFirefox } from './browsers/firefox.ts'
import { missingForPowerCuts } from './faults/cuttable-disk.ts'
import { missingForNetworks } from './faults/network/two-networks.ts'

export interface Part {
  readonly name: string
  readonly shows: string
  /** Arguments for Node. */
  readonly args: readonly string[]
  /** What this machine lacks to run it, one sentence each. */
  readonly missing: readonly string[]
}

const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--reporter=dot']
const totals = '--reporter=test/support/totals-reporter.ts'

/** By folder of test/. A folder that is not named here is run all the same. */
const shownByTests: Readonly<Record<string, string>> = {
  bench: 'every benchmark runs, with few samples',
  cloud: 'a function dies at every step; random photos and recordings',
  device: 'ten times as many random timelines, logs, photos and commands',
  e2e: 'every screen in every language; a mail scanner follows every link',
  proof: 'the checks of the fault runs find planted lies',
  protocol: 'a million codes are evenly distributed',
  simulation: 'every visit script and every way to start',
}

const testFolders = new Set(
  projectFiles().flatMap((path) => /^test\/([^/]+)\/.*\.test\.ts$/.exec(path)?.[1] ?? []),
)

const longTests: readonly Part[] = [...testFolders].map((folder) => ({
  name: folder,
  shows: shownByTests[folder] ?? `the tests of test/${folder}`,
  args: [...vitest, totals, `test/${folder}/`],
  missing: [],
}))

const faults = (name: string, shows: string, missing: readonly string[] = []): Part => ({
  name,
  shows,
  args: ['test/proof/faults/run.ts', '--only', name],
  missing,
})

export const parts: readonly Part[] = [
  ...longTests,
  faults('kill9', 'a daemon killed 500 times keeps every promise'),
  faults('power-cut', 'a power cut loses nothing that was answered', missingForPowerCuts()),
  faults('storm', 'events delivered up to 20 times have one effect'),
  faults('network', 'door and cloud agree again after an outage', missingForNetworks()),
  faults('video', 'no recording is lost on a bad connection'),
  faults('broken-builds', 'the fault runs find ten planted defects', missingForPowerCuts()),
  {
    name: 'attacks',
    shows: 'every attack on a door fails, and its tests find a planted weakness',
    args: ['test/proof/attacks/run.ts'],
    missing: [],
  },
  {
    name: 'firefox',
    shows: 'the main paths of the pages in Firefox',
    args: [...vitest, totals, 'test/proof/browsers/'],
    missing: missingForFirefox(),
  },
  {
    name: 'rehearsal',
    shows: 'an owner gets from an empty account to an open door',
    args: ['test/rehearsal/run.ts'],
    missing: [],
  },
  {
    name: 'mistakes',
    shows: 'the rehearsal names the resource of every planted mistake in the template',
    args: ['test/rehearsal/run.ts', '--mistakes'],
    missing: [],
  },
  {
    name: 'requests',
    shows: 'every request of the tests to AWS is as its models say',
    args: ['test/proof/requests/run.ts'],
    missing: [],
  },
  {
    name: 'mutants',
    shows: 'the tests find every small planted defect',
    args: ['test/proof/mutants/run.ts'],
    missing: [],
  },
]
