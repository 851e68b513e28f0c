/** People with codes that open more than once, or that are on a break-glass sheet. */
import { randomBytes } from 'node:crypto'
import { breakGlassGrants, breakGlassSheet } from '../../../../protocol/break-glass.ts'
import { type Credential, longestCommandLifeMs } from '../../../../protocol/messages/cloud.ts'
import type { DoorMessage } from '../../../../protocol/messages/door.ts'
import { derivePasscode } from '../../../../protocol/passcode.ts'
import type { Dice } from '../dice.ts'
import type { StandingCode } from './ledger.ts'
import type { Person } from './people.ts'
import { pause, type Scene, typeCode, untilOver } from './scene.ts'

const newId = (): string => randomBytes(16).toString('hex')
/** Long enough that a guess is not one of them by chance. */
const digits = 10
const atOnce = 3
const storedWithinMs = 2_000

type Kind = 'resident' | 'courier' | 'never'
const terms = {
  resident: { visits: null, weeklyHours: [] },
  courier: { visits: 2, weeklyHours: [] },
  never: { visits: null, weeklyHours: [{ weekdays: [1], fromMinute: 0, toMinute: 1 }] },
} satisfies Record<Kind, Partial<Credential['validity']>>

/** Comes home again and again; sometimes with a PIN that is outside its hours. */
export const housemate: Person = (scene, dice) =>
  untilOver(scene, dice, 20, async () => {
    const kind = dice.chance(0.9) ? 'resident' : 'never'
    const code = codeOfKind(scene, dice, kind) ?? (await newCode(scene, kind))
    if (!code || scene.over.hasEnded()) return
    const hands = dice.chance(0.2) ? 2 : 1
    await Promise.all(Array.from({ length: hands }, () => typeCode(scene, code)))
    if (dice.chance(0.05)) withdraw(scene, code)
  })

/** Types the code several times in a visit, and comes once too often. */
export const courier: Person = (scene, dice) =>
  untilOver(scene, dice, 60, async () => {
    const known = dice.chance(0.8) ? codeOfKind(scene, dice, 'courier') : undefined
    const code = known ?? (await newCode(scene, 'courier'))
    if (code && !scene.over.hasEnded()) await typeCode(scene, code)
  })

/** Uses up a sheet, and types its codes again. */
export const sheetHolder: Person = (scene, dice) =>
  untilOver(scene, dice, 80, async () => {
    if (dice.chance(0.1) || !codeOfKind(scene, dice, 'sheet')) await newSheet(scene)
    const code = codeOfKind(scene, dice, 'sheet')
    if (code && !scene.over.hasEnded()) await typeCode(scene, code)
  })

function codeOfKind({ ledger }: Scene, dice: Dice, kind: StandingCode['kind']) {
  const codes = [...ledger.standing.values()].filter((one) => one.kind === kind)
  return dice.pick(codes.slice(-atOnce))?.code
}

/** Null when the door did not answer in time; then it is not typed, as no person has got it. */
async function newCode(scene: Scene, kind: Kind): Promise<string | null> {
  const { door, ledger } = scene
  const grantId = newId()
  const { doorKey } = door
  const stored = answerOf(
    scene,
    (message) => message.type === 'grant-stored' && message.grantId === grantId,
  )
  door.home.cloud.send({
    type: 'grant',
    credential: {
      ...{ grantId, kind: 'standing', visitId: null, digits, tag: null, flags: [] },
      holder: { visitorId: newId(), name: kind, language: 'en' },
      validity: { notBeforeMs: Date.now() - 1_000, expiresAtMs: null, ...terms[kind] },
    },
  })
  if (!(await stored)) return null
  const code = derivePasscode(doorKey, grantId, digits)
  ledger.standing.set(grantId, { code, kind, visits: terms[kind].visits, sheetId: null })
  return code
}

async function newSheet(scene: Scene): Promise<void> {
  const { door, ledger } = scene
  const sheetId = newId()
  const stored = answerOf(
    scene,
    (message) => message.type === 'sheet-stored' && message.sheetId === sheetId,
  )
  const expiresAtMs = Date.now() + longestCommandLifeMs
  door.home.cloud.send({ type: 'new-sheet', nonce: newId(), expiresAtMs, by: 'owner', sheetId })
  if (!(await stored)) return
  const codes = breakGlassSheet(door.doorKey, sheetId)
  for (const [at, grantId] of breakGlassGrants(sheetId).entries()) {
    ledger.standing.set(grantId, { code: codes[at] ?? '', kind: 'sheet', visits: 1, sheetId })
  }
}

/** Whether the door reported it before the daemon was killed. */
async function answerOf(
  { door, over }: Scene,
  isAnswer: (message: DoorMessage) => boolean,
): Promise<boolean> {
  const { events } = door.home.cloud
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const listen = (message: DoorMessage) => {
    if (isAnswer(message)) resolve(true)
  }
  events.on('message', listen)
  const late = pause(over, storedWithinMs).then(() => false)
  try {
    return await Promise.race([promise, late])
  } finally {
    events.off('message', listen)
  }
}

function withdraw({ door, ledger }: Scene, code: string): void {
  const grantId = [...ledger.standing].find(([, one]) => one.code === code)?.[0]
  if (grantId) door.home.cloud.send({ type: 'revoke-grant', grantId, reason: 'owner' })
}
