/** One life of a door with people around it. Whatever they do and hear goes into the ledger. */
import type { EventEmitter } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { codeAnswerSchema } from '../../../../protocol/keypad-api.ts'
import { NoTextSent, type TextMessage } from '../../../support/door/played-cloud.ts'
import type { RunningDoor } from '../../../support/door/running-door.ts'
import type { Dice } from '../dice.ts'
import type { FlakyLine } from './flaky-connection.ts'
import { codesOf, type Heard, type Ledger } from './ledger.ts'

export interface Scene {
  readonly door: RunningDoor
  readonly line: FlakyLine
  readonly ledger: Ledger
  readonly life: number
  readonly digits: 6 | 8
  /** From the moment at which the daemon is killed. */
  readonly over: EventContext
  /** Codes that were typed and not answered yet. */
  readonly underWay: Set<Promise<Heard>>
  readonly events: EventEmitter<{ typed: []; answer: [Heard] }>
}

export interface EventContext {
  hasCome(): boolean
  come(): void
  readonly coming: Promise<null>
}

export function moment(): EventContext {
  let hasCome = false
  let settle = (_: null) => {}
  const coming = new Promise<null>((resolve) => {
    settle = resolve
  })
  return {
    hasCome: () => hasCome,
    come() {
      hasCome = true
      settle(null)
    },
    coming,
  }
}

export function typeCode(scene: Scene, code: string): Promise<Heard> {
  const { ledger, underWay, life } = scene
  const sentAtMs = Date.now()
  ledger.typed.add(code)
  const typing = answerTo(scene.door.url(), code).then((heard) => {
    ledger.tries.push({ life, code, sentAtMs, heardAtMs: Date.now(), ...heard })
    underWay.delete(typing)
    scene.events.emit('answer', heard)
    return heard
  })
  underWay.add(typing)
  scene.events.emit('typed')
  return typing
}

async function answerTo(url: string, code: string): Promise<Heard> {
  const answer = await postCode(url, code)
  if (!answer) return { outcome: 'unanswered', pausedForMs: 0 }
  if (answer.status === busyStatus) return { outcome: 'not-judged', pausedForMs: 0 }
  const { outcome, ...rest } = codeAnswerSchema.parse(JSON.parse(answer.text))
  return { outcome, pausedForMs: 'pausedForMs' in rest ? rest.pausedForMs : 0 }
}

const busyStatus = 503

/** Only a whole answer is one. */
async function postCode(url: string, code: string) {
  try {
    const response = await fetch(`${url}/api/code`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ code }),
    })
    return { status: response.status, text: await response.text() }
  } catch {
    return null
  }
}

/** The text comes into the ledger by itself, in this life or a later one. */
export async function wantCode(scene: Scene, validMs?: number): Promise<TextMessage | null> {
  const { cloud } = scene.door.home
  const wish = { digits: scene.digits, ...(validMs !== undefined && { validMs }) }
  const granted = cloud.grantCode(wish).catch((error) => {
    if (error instanceof NoTextSent) return null
    throw error
  })
  const text = await Promise.race([granted, scene.over.coming])
  return text && scene.ledger.texts.get(text.grantId) === text ? text : null
}

export function wrongCode({ ledger, digits }: Scene, dice: Dice): string {
  const known = codesOf(ledger)
  for (;;) {
    const code = String(dice.below(10 ** digits)).padStart(digits, '0')
    if (!known.has(code)) return code
  }
}

/** Again and again until the daemon is dead, with a breath in between. */
export async function untilOver(
  { over }: Scene,
  dice: Dice,
  breathMs: number,
  act: () => Promise<unknown> | unknown,
): Promise<void> {
  while (!over.hasCome()) {
    await act()
    await pause(over, dice.below(breathMs + 1))
  }
}

export const pause = async (over: EventContext, ms: number): Promise<void> =>
  void (await Promise.race([delay(ms), over.coming]))

const lookAgainMs = 5

/** Whether something comes true in time. */
export async function within(
  ms: number,
  holds: () => boolean | Promise<boolean>,
): Promise<boolean> {
  const untilMs = Date.now() + ms
  while (!(await holds())) {
    if (Date.now() > untilMs) return false
    await delay(lookAgainMs)
  }
  return true
}
