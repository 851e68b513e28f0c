/** What goes on at the door in the fractions of a second before it dies, and when it dies. */
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import type { Dice } from '../dice.ts'
import { unusedTexts } from './ledger.ts'
import {
  absentMinded,
  digger,
  disinvited,
  eavesdropper,
  guesser,
  latecomer,
  owner,
  type Person,
  passerBy,
  pressExit,
  resident,
  unlockRemotely,
  visitor,
} from './people.ts'
import { type Scene, typeCode, wantCode } from './scene.ts'

const everybody: readonly Person[] = [
  visitor,
  visitor,
  visitor,
  absentMinded,
  absentMinded,
  latecomer,
  passerBy,
  resident,
  owner,
  disinvited,
  eavesdropper,
]

const companies: Record<Company, readonly Person[]> = {
  everybody,
  'bad network': [...everybody, digger, digger],
  /** Nobody who may come in or out: the lock must not move at all. */
  'uninvited only': [guesser, guesser, absentMinded, passerBy, eavesdropper],
  'one visitor': [visitor],
}

type Company = 'everybody' | 'bad network' | 'uninvited only' | 'one visitor'

const companyOf = (die: number): Company => {
  if (die < 50) return 'everybody'
  if (die < 70) return 'bad network'
  return die < 90 ? 'uninvited only' : 'one visitor'
}

/** Settles when the daemon is to be killed. The people only stop when the scene is over. */
export async function burst(scene: Scene, dice: Dice): Promise<void> {
  const die = dice.below(100)
  if (die < 12) return frozen(scene)
  if (die < 24) return caughtOpening(scene, dice)
  const people = companies[companyOf(dice.below(100))]
  const busy = people.map((person) => person(scene, dice.fork()))
  // Nobody waits for people before the end, so that a mistake in one of them must not wait either.
  await Promise.race([killMoment(scene, dice), Promise.all(busy)])
}

const shortMs = 200
const longMs = 1_000

/** What it takes from a key press to an answer, roughly: most of it is the commit. */
const commitMs = 6

/** By the clock, in the middle of a commit, or right after what must not be taken back any more. */
async function killMoment({ door, events }: Scene, dice: Dice): Promise<void> {
  await delay(dice.below(dice.chance(0.7) ? shortMs : longMs))
  if (dice.chance(0.4)) return
  const event = dice.pick([
    () => once(events, 'typed').then(() => delay(dice.below(commitMs))),
    () => once(events, 'typed').then(() => delay(dice.below(commitMs))),
    () => once(events, 'answer'),
    () => once(door.home.events, 'lock'),
    () => once(door.home.cloud.events, 'message'),
  ])
  await Promise.race([event?.(), delay(shortMs)])
}

/** Dies as the lock moves, after a moment in which it did not. */
async function caughtOpening(scene: Scene, dice: Dice): Promise<void> {
  const { home } = scene.door
  const text = unusedTexts(scene.ledger, Date.now())[0]
  await lockCloses(scene)
  const opening = once(home.events, 'lock')
  const act = dice.pick([
    () => (text ? void typeCode(scene, text.code) : pressExit(scene)),
    () => pressExit(scene),
    () => unlockRemotely(scene),
  ])
  act?.()
  await Promise.race([opening, delay(longMs)])
}

/** The daemon stops in the middle of everything while the lock is open, without dying. */
async function frozen(scene: Scene): Promise<void> {
  const text = unusedTexts(scene.ledger, Date.now())[0] ?? (await wantCode(scene))
  if (!text) return
  const { outcome } = await typeCode(scene, text.code)
  if (outcome !== 'accepted') return
  process.kill(scene.door.pid(), 'SIGSTOP')
  await lockCloses(scene)
}

const longestOpenMs = 2_500

async function lockCloses({ door: { home } }: Scene): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    const look = () => {
      if (home.lockState() !== 'closed') return
      home.events.off('lock', look)
      resolve()
    }
    home.events.on('lock', look)
    look()
  })
  await Promise.race([closed, delay(longestOpenMs)])
}
