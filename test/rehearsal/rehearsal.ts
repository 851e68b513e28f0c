/**
 * From an empty AWS account to an open door and back, by the commands of docs/cloud.md and the pages
 * that an owner has: nothing is set up behind their back.
 */
import { person } from '../../simulation/scenes/drawn-faces.ts'
import { type CommandBlocks, commandBlocks, isRun, optionIn, wordsOf } from './document.ts'
import { type Browser, RehearsalFailed, type Stage } from './stage.ts'
import { confirmAlarms, expectAlarms, setAside } from './steps/alarms.ts'
import { expectDaysToEnd } from './steps/days.ts'
import { type Home, seesOnlyOwnDoor, signIn, startDoor } from './steps/home.ts'
import { expectNothingOf, expectSignedOut } from './steps/removal.ts'
import { blockVisitor, firstVisit, stoppedAt, uploadPhoto } from './steps/visit.ts'
import { resourcesOf, step } from './troubles.ts'

export async function rehearse(stage: Stage): Promise<void> {
  const document = commandBlocks()
  stage.choose(document.settings)
  await runAll(stage, document.next('npm ci'))
  await step(stage, 'the owner confirms the address for alarms', async () => confirmAlarms(stage))
  await step(stage, 'every alarm is raised once', async () => expectAlarms(stage))
  await firstHousehold(stage, document)
  const { home, guest } = await secondHousehold(stage, document)
  await remove(stage, document, { home, guest })
  document.end()
  const { lab } = stage
  if (lab === null) return
  await step(stage, 'a release is broken', async () => setAside(stage, lab), {
    expectsTroubles: true,
  })
  await expectDaysToEnd(stage, lab)
}

async function runAll(stage: Stage, lines: readonly string[]): Promise<void> {
  for (const line of lines) if (isRun(line)) await run(stage, line)
}

const run = (stage: Stage, line: string): Promise<string> =>
  step(stage, line, async () =>
    stage.run(line).catch((error: unknown) => {
      const isCheck = line.endsWith('check') && resourcesOf(stage).length > 0
      throw isCheck ? new RehearsalFailed(`${reasonOf(error)}${stoppedAt(stage)}`) : error
    }),
  )

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : '')

async function firstHousehold(stage: Stage, document: CommandBlocks): Promise<void> {
  const lines = document.next('npm run cloud -- household add')
  await runAll(stage, lines)
  const provisioning = document.next('sudo -E smart-door provision')
  const home = await homeOf(stage, lines, provisioning)
  await firstVisit(stage, home, person('robin'))
  await uploadPhoto(stage, home)
}

/** The provisioning is the same at every door. */
async function homeOf(
  stage: Stage,
  lines: readonly string[],
  provisioning: readonly string[],
): Promise<Home> {
  const [, , , , , , name = ''] = wordsOf(lines[0] ?? '')
  const household = optionIn(lines, 'id')
  const owner = optionIn(lines, 'owner')
  const browser = await signIn(stage, owner, name)
  const door = await startDoor(stage, `${household}_front`, provisioning.filter(isRun))
  const home = { name, household, owner, browser, door }
  await seesOnlyOwnDoor(stage, home)
  return home
}

interface SecondHousehold {
  readonly home: Home
  readonly guest: Browser
}

async function secondHousehold(stage: Stage, document: CommandBlocks): Promise<SecondHousehold> {
  const lines = document.next('npm run cloud -- household add')
  await runAll(stage, lines)
  const home = await homeOf(stage, lines, ['sudo -E smart-door provision --write'])
  await firstVisit(stage, home, person('robin'))
  await blockVisitor(stage, home, person('cass'))
  const invitation = lines.find((line) => line.includes('member invite')) ?? ''
  const guest = await signIn(stage, wordsOf(invitation).at(-1) ?? '', home.name)
  return { home, guest }
}

async function remove(
  stage: Stage,
  document: CommandBlocks,
  { home, guest }: SecondHousehold,
): Promise<void> {
  const [removal = '', ...others] = document.next('npm run cloud -- member remove')
  await run(stage, removal)
  await step(stage, 'the removed member is out', async () => expectSignedOut(guest))
  await runAll(stage, others)
  await step(stage, `nothing of ${home.household} remains`, async () =>
    expectNothingOf(stage, home),
  )
}
