/** Checks a restarted daemon: promises of its earlier runs must hold. */
import { type KeypadState, keypadStateSchema } from '../../../../protocol/keypad-api.ts'
import type { RunningDoor } from '../../../support/door/running-door.ts'
import { type Breach, breach } from '../breach.ts'
import type { Dice } from '../dice.ts'
import { type Ledger, unusedTexts, usedCodes } from './ledger.ts'
import { liftPause, replayUnlock } from './people.ts'
import { requestCode, type Scene, typeCode, within } from './scene.ts'

/** Returns when the keypad accepts codes and the door is online. */
export async function comeBack(scene: Scene, dice: Dice): Promise<readonly Breach[]> {
  const { door, connection, ledger } = scene
  const breaches = shortenedPause(ledger, await keypadState(door))
  if (!(await within(settlingMs, () => door.home.daemonConnected()))) return lost('its lock')
  // A door knows its codes offline too.
  if (!connection.isUp()) await useSomePromises(scene, dice)
  connection.restore()
  if (!(await comesTo(door, ({ online }) => online, settlingMs))) return lost('its cloud')
  await endPause(scene)
  await useSomePromises(scene, dice)
  await Promise.all(Array.from({ length: spareTexts }, () => requestCode(scene)))
  return breaches
}

const settlingMs = 10_000
const liftingMs = 2_000
const spareTexts = 3
const slackMs = 100

const lost = (what: string): readonly Breach[] => [
  breach('comes back', `the daemon started, but did not connect to ${what}`),
]

/** A command that takes too long expires; then the keypad stays paused. */
async function endPause(scene: Scene): Promise<void> {
  const { door, ledger } = scene
  const isReady = ({ keypad }: KeypadState) => keypad === 'ready'
  if (!(await comesTo(door, isReady, 0))) liftPause(scene)
  if (await comesTo(door, isReady, liftingMs)) {
    Object.assign(ledger, { pauseLifted: false, unpausedAtMs: Date.now() })
  }
}

/** Neither a kill nor the time until the restart shortens a pause. */
function shortenedPause(ledger: Ledger, state: KeypadState | null): readonly Breach[] {
  if (ledger.pauseLifted || !state) return []
  const nowMs = Date.now()
  const leastMs = ledger.tries
    .filter(({ heardAtMs }) => heardAtMs > ledger.unpausedAtMs)
    .map(({ pausedForMs, sentAtMs }) => pausedForMs - (nowMs - sentAtMs) - slackMs)
  const expectedMs = Math.max(0, ...leastMs)
  const about = `${state.pausedForMs} ms of a pause are left instead of at least ${expectedMs} ms`
  return state.pausedForMs >= expectedMs ? [] : [breach('never cheaper', about)]
}

/** An unused code, a used one, one without an answer, and an old command. */
async function useSomePromises(scene: Scene, dice: Dice): Promise<void> {
  const { ledger } = scene
  replayUnlock(scene, [...ledger.unlocks.values()].at(-1))
  const unanswered = ledger.tries.filter(
    ({ outcome, code }) => outcome === 'unanswered' && !ledger.twice.has(code),
  )
  const codes = [
    dice.pick(unusedTexts(ledger, Date.now()))?.code,
    dice.pick(usedCodes(ledger)),
    dice.pick(unanswered)?.code,
  ]
  for (const code of codes) if (code !== undefined) await typeCode(scene, code)
}

/** Null when the daemon does not answer. */
async function keypadState({ url }: RunningDoor): Promise<KeypadState | null> {
  const response = await fetch(`${url()}/api/state`).catch(() => null)
  return response && keypadStateSchema.parse(await response.json())
}

const comesTo = (
  door: RunningDoor,
  expected: (state: KeypadState) => boolean,
  ms: number,
): Promise<boolean> =>
  within(ms, async () => {
    const state = await keypadState(door)
    return state !== null && expected(state)
  })
