/** Who does what at a door while it is about to be killed. */
import { randomBytes } from 'node:crypto'
import { longestGrantMs } from '../../../../protocol/messages/cloud.ts'
import { commandTopic } from '../../../../protocol/topics.ts'
import type { TextMessage } from '../../../support/door/played-cloud.ts'
import type { Dice } from '../dice.ts'
import { type UnlockCommand, unusedTexts, usedCodes } from './ledger.ts'
import { pause, type Scene, typeCode, untilOver, wantCode, wrongCode } from './scene.ts'

export type Person = (scene: Scene, dice: Dice) => Promise<void>

/** Gets a code and types it, sometimes with several hands at once and sometimes once more. */
export const visitor: Person = (scene, dice) =>
  untilOver(scene, dice, 10, async () => {
    const text = dice.chance(0.3) ? spareText(scene, dice) : await wantCode(scene)
    if (!text || scene.over.hasCome()) return
    const hands = dice.chance(0.3) ? 2 + dice.below(4) : 1
    await Promise.all(Array.from({ length: hands }, () => typeCode(scene, text.code)))
    if (dice.chance(0.3)) await typeUnlessOver(scene, text.code)
  })

const spareText = ({ ledger }: Scene, dice: Dice): TextMessage | undefined =>
  dice.pick(unusedTexts(ledger, Date.now()))

async function typeUnlessOver(scene: Scene, code: string | undefined): Promise<void> {
  if (code !== undefined && !scene.over.hasCome()) await typeCode(scene, code)
}

/** One code after the other, as somebody who wants to be let in without having been asked. */
export const guesser: Person = (scene, dice) =>
  untilOver(scene, dice, 5, () => typeUnlessOver(scene, wrongCode(scene, dice)))

/** Mistypes now and then, or tries a code that has been used up, in this life or an earlier one. */
export const absentMinded: Person = (scene, dice) =>
  untilOver(scene, dice, 40, () =>
    typeUnlessOver(
      scene,
      dice.chance(0.5) ? wrongCode(scene, dice) : dice.pick(usedCodes(scene.ledger)),
    ),
  )

/** Gets a code that is good for a moment only, and types the one before, which no longer is. */
export const latecomer: Person = (scene, dice) =>
  untilOver(scene, dice, 40, async () => {
    const { texts, typed } = scene.ledger
    const late = [...texts.values()].find(
      ({ code, expiresAtMs }) => expiresAtMs < Date.now() && !typed.has(code),
    )
    await typeUnlessOver(scene, late?.code)
    await wantCode(scene, 200 + dice.below(200))
  })

/** Arrives, rings, goes in and out, and leaves: with sensors only. */
export const passerBy: Person = async (scene, dice) => {
  const { home } = scene.door
  await untilOver(scene, dice, 30, () => {
    const act = dice.pick([
      () => home.bell(),
      () => home.arrive(),
      () => home.leave(),
      () => home.contact(!home.contactOpen()),
    ])
    act?.()
  })
}

export const resident: Person = (scene, dice) =>
  untilOver(scene, dice, 120, async () => {
    await pause(scene.over, dice.below(60))
    if (!scene.over.hasCome()) pressExit(scene)
  })

export function pressExit({ door, ledger, life }: Scene): void {
  ledger.exitPresses.push({ life, atMs: Date.now() })
  door.home.exit()
}

/** Opens from afar, wants grants back, and ends pauses. */
export const owner: Person = (scene, dice) =>
  untilOver(scene, dice, 80, () => {
    const act = dice.pick([unlockRemotely, revoke, liftPause])
    act?.(scene, dice)
  })

export function liftPause({ door, ledger }: Scene): void {
  ledger.pauseLifted = true
  door.home.cloud.liftPause()
}

export function unlockRemotely({ door, ledger }: Scene): void {
  const message = door.home.cloud.unlock()
  if (message.type === 'unlock') ledger.unlocks.set(message.id, message)
}

function revoke(scene: Scene, dice: Dice): void {
  const text = spareText(scene, dice)
  if (!text) return
  const { grantId } = text
  scene.ledger.revokedAtMs.set(grantId, Date.now())
  scene.door.home.cloud.send({ type: 'revoke-grant', grantId, reason: 'changed their mind' })
}

/** Types codes whose grants the owner wanted back; whether the door heard of it is all that counts. */
export const disinvited: Person = (scene, dice) =>
  untilOver(scene, dice, 60, () => {
    const { texts, typed, revokedAtMs } = scene.ledger
    const codes = [...revokedAtMs.keys()].flatMap((grantId) => texts.get(grantId)?.code ?? [])
    return typeUnlessOver(scene, dice.pick(codes.filter((code) => !typed.has(code))))
  })

/** Has recorded everything that was ever said on the line, and says it again. */
export const eavesdropper: Person = (scene, dice) =>
  untilOver(scene, dice, 40, () => {
    const act = dice.pick([
      () => replayUnlock(scene, dice.pick([...scene.ledger.unlocks.values()])),
      () => sayLate(scene),
      () => offerUsedGrant(scene, dice),
    ])
    act?.()
  })

export function replayUnlock({ door, ledger }: Scene, message: UnlockCommand | undefined): void {
  if (!message) return
  ledger.replays += 1
  door.home.sendText(commandTopic(message.doorId, message.type), JSON.stringify(message))
}

/** A command that was held back until it had expired. It is not in the ledger: it must not work. */
function sayLate({ door, ledger }: Scene): void {
  ledger.replays += 1
  const nonce = randomBytes(16).toString('hex')
  door.home.cloud.send({ type: 'unlock', nonce, expiresAtMs: Date.now() - 1_000, by: 'nobody' })
}

function offerUsedGrant({ door, ledger, digits }: Scene, dice: Dice): void {
  const used = new Set(usedCodes(ledger))
  const text = dice.pick([...ledger.texts.values()].filter(({ code }) => used.has(code)))
  if (!text) return
  ledger.replays += 1
  const { grantId, visitorId, to } = text
  const notBeforeMs = Date.now()
  const until = { notBeforeMs, expiresAtMs: notBeforeMs + longestGrantMs }
  const who = { grantId, visitId: null, visitorId, visitorName: to, language: 'en' } as const
  door.home.cloud.send({ type: 'grant', ...who, digits, ...until })
}

/** Digs up the cable. What is lost is noticed late or never. */
export const digger: Person = (scene, dice) =>
  untilOver(scene, dice, 60, async () => {
    scene.ledger.networkFaults += 1
    if (dice.chance(0.5)) scene.line.swallow()
    await pause(scene.over, dice.below(30))
    scene.line.cut()
    await pause(scene.over, dice.below(40))
    // Sometimes nobody mends it before the daemon dies.
    if (!scene.over.hasCome()) scene.line.restore()
  })
