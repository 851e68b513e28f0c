/** What people do at a door until it is killed. */
import { randomBytes } from 'node:crypto'
import { longestGrantMs, oneTimeCredential } from '../../../../protocol/messages/cloud.ts'
import { oneTimeDigits } from '../../../../protocol/passcode.ts'
import { commandTopic } from '../../../../protocol/topics.ts'
import type { TextMessage } from '../../../support/door/played/played-cloud.ts'
import type { Dice } from '../dice.ts'
import { type UnlockCommand, unusedTexts, usedCodes } from './ledger.ts'
import { pause, requestCode, type Scene, typeCode, untilOver, wrongCode } from './scene.ts'

export type Person = (scene: Scene, dice: Dice) => Promise<void>

/** Gets a code and types it, sometimes several times in parallel and sometimes once more. */
export const visitor: Person = (scene, dice) =>
  untilOver(scene, dice, 10, async () => {
    const text = dice.chance(0.3) ? spareText(scene, dice) : await requestCode(scene)
    if (!text || scene.over.hasEnded()) return
    const hands = dice.chance(0.3) ? 2 + dice.below(4) : 1
    await Promise.all(Array.from({ length: hands }, () => typeCode(scene, text.code)))
    if (dice.chance(0.3)) await typeUnlessOver(scene, text.code)
  })

const spareText = ({ ledger }: Scene, dice: Dice): TextMessage | undefined =>
  dice.pick(unusedTexts(ledger, Date.now()))

async function typeUnlessOver(scene: Scene, code: string | undefined): Promise<void> {
  if (code !== undefined && !scene.over.hasEnded()) await typeCode(scene, code)
}

/** Guesses one code after the other. */
export const guesser: Person = (scene, dice) =>
  untilOver(scene, dice, 5, () => typeUnlessOver(scene, wrongCode(scene, dice)))

/** Mistypes now and then, or tries a used code of this run or an earlier one. */
export const forgetful: Person = (scene, dice) =>
  untilOver(scene, dice, 40, () =>
    typeUnlessOver(
      scene,
      dice.chance(0.5) ? wrongCode(scene, dice) : dice.pick(usedCodes(scene.ledger)),
    ),
  )

/** Gets a code with a very short validity, and types the expired one before it. */
export const latecomer: Person = (scene, dice) =>
  untilOver(scene, dice, 40, async () => {
    const { texts, typed } = scene.ledger
    const late = [...texts.values()].find(
      ({ code, expiresAtMs }) => expiresAtMs < Date.now() && !typed.has(code),
    )
    await typeUnlessOver(scene, late?.code)
    await requestCode(scene, 200 + dice.below(200))
  })

/** Moves only sensors: arrives, rings, opens and closes the door, leaves. */
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
    if (!scene.over.hasEnded()) pressExit(scene)
  })

export function pressExit({ door, ledger, life }: Scene): void {
  ledger.exitPresses.push({ life, atMs: Date.now() })
  door.home.exit()
}

/** Unlocks remotely, revokes grants and ends pauses. */
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
  scene.door.home.cloud.send({ type: 'revoke-grant', grantId, reason: 'owner' })
}

/** Types codes of revoked grants; only what the door received counts. */
export const revokedVisitor: Person = (scene, dice) =>
  untilOver(scene, dice, 60, () => {
    const { texts, typed, revokedAtMs } = scene.ledger
    const codes = [...revokedAtMs.keys()].flatMap((grantId) => texts.get(grantId)?.code ?? [])
    return typeUnlessOver(scene, dice.pick(codes.filter((code) => !typed.has(code))))
  })

/** Sends recorded messages again. */
export const replayer: Person = (scene, dice) =>
  untilOver(scene, dice, 40, () => {
    const act = dice.pick([
      () => replayUnlock(scene, dice.pick([...scene.ledger.unlocks.values()])),
      () => sendExpired(scene),
      () => offerUsedGrant(scene, dice),
    ])
    act?.()
  })

export function replayUnlock({ door, ledger }: Scene, message: UnlockCommand | undefined): void {
  if (!message) return
  ledger.replays += 1
  door.home.sendText(commandTopic(message.doorId, message.type), JSON.stringify(message))
}

/** An expired command. It is not in the ledger, so the lock must not open for it. */
function sendExpired({ door, ledger }: Scene): void {
  ledger.replays += 1
  const nonce = randomBytes(16).toString('hex')
  door.home.cloud.send({ type: 'unlock', nonce, expiresAtMs: Date.now() - 1_000, by: 'replayer' })
}

function offerUsedGrant({ door, ledger }: Scene, dice: Dice): void {
  const used = new Set(usedCodes(ledger))
  const text = dice.pick([...ledger.texts.values()].filter(({ code }) => used.has(code)))
  if (!text) return
  ledger.replays += 1
  const { grantId, visitorId, to } = text
  const notBeforeMs = Date.now()
  const until = { notBeforeMs, expiresAtMs: notBeforeMs + longestGrantMs }
  const who = { grantId, visitId: null, visitorId, visitorName: to, language: 'en' } as const
  const credential = oneTimeCredential({ ...who, digits: oneTimeDigits, ...until })
  door.home.cloud.send({ type: 'grant', credential })
}

/** Cuts the connection, sometimes after losing messages for a while. */
export const cableCutter: Person = (scene, dice) =>
  untilOver(scene, dice, 60, async () => {
    scene.ledger.networkFaults += 1
    if (dice.chance(0.5)) scene.connection.swallow()
    await pause(scene.over, dice.below(30))
    scene.connection.cut()
    await pause(scene.over, dice.below(40))
    // Sometimes it stays cut until the daemon is killed.
    if (!scene.over.hasEnded()) scene.connection.restore()
  })
