/** The load on a door in the last fraction of a second before a kill, and when the kill comes. */
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import type { Dice } from '../dice.ts'
import { courier, housemate, sheetHolder } from './household.ts'
import { unusedTexts } from './ledger.ts'
import {
  cableCutter,
  forgetful,
  guesser,
  latecomer,
  owner,
  type Person,
  passerBy,
  pressExit,
  replayer,
  resident,
  revokedVisitor,
  unlockRemotely,
  visitor,
} from './people.ts'
import { requestCode, type Scene, typeCode } from './scene.ts'

const everyone: readonly Person[] = [
  visitor,
  visitor,
  visitor,
  forgetful,
  forgetful,
  latecomer,
  passerBy,
  resident,
  owner,
  revokedVisitor,
  replayer,
  housemate,
  courier,
  sheetHolder,
]

const companies: Record<Company, readonly Person[]> = {
  everyone,
  'bad network': [...everyone, cableCutter, cableCutter],
  /** None of them may enter, so the lock must not move. */
  'intruders only': [guesser, guesser, forgetful, passerBy, replayer],
  'one visitor': [visitor],
  /** None of them mistypes, so their PINs never rest. */
  household: [housemate, housemate, courier, sheetHolder, passerBy],
}

type Company = 'everyone' | 'bad network' | 'intruders only' | 'one visitor' | 'household'

const companyOf = (die: number): Company => {
  if (die < 35) return 'everyone'
  if (die < 50) return 'household'
  if (die < 70) return 'bad network'
  return die < 90 ? 'intruders only' : 'one visitor'
}

/** Settles when the daemon should be killed. The people stop when the scene is over. */
export async function burst(scene: Scene, dice: Dice): Promise<void> {
  const die = dice.below(100)
  if (die < 12) return frozen(scene)
  if (die < 24) return killedOpening(scene, dice)
  const people = companies[companyOf(dice.below(100))]
  const busy = people.map((person) => person(scene, dice.fork()))
  // Promise.all is there only to report an error of a person at once.
  await Promise.race([killTime(scene, dice), Promise.all(busy)])
}

const shortMs = 200
const longMs = 1_000

/** Roughly the time from key press to answer, most of which is the commit. */
const commitMs = 6

/** At a random time, during a commit, or right after an answer, a lock movement or a message. */
async function killTime({ door, events }: Scene, dice: Dice): Promise<void> {
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

/** Killed as the lock opens. */
async function killedOpening(scene: Scene, dice: Dice): Promise<void> {
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

/** The daemon freezes while the lock is open; the relay must close without it. */
async function frozen(scene: Scene): Promise<void> {
  const text = unusedTexts(scene.ledger, Date.now())[0] ?? (await requestCode(scene))
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
