/** One run of a door with people around it. Their actions and the answers go into the ledger. */
import type { EventEmitter } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { codeAnswerSchema } from '../../../../protocol/keypad-api.ts'
import { oneTimeDigits } from '../../../../protocol/passcode.ts'
import { NoTextSent, type TextMessage } from '../../../support/door/played/played-cloud.ts'
import type { RunningDoor } from '../../../support/door/running-door.ts'
import type { Dice } from '../dice.ts'
import type { FlakyConnection } from './flaky-connection.ts'
import { codesOf, type Heard, type Ledger } from './ledger.ts'

export interface Scene {
  readonly door: RunningDoor
  readonly connection: FlakyConnection
  readonly ledger: Ledger
  readonly life: number
  /** Given when the daemon is killed. */
  readonly over: OverSignal
  /** Typed codes without an answer so far. */
  readonly underWay: Set<Promise<Heard>>
  readonly events: EventEmitter<{ typed: []; answer: [Heard] }>
}

export interface OverSignal {
  hasEnded(): boolean
  end(): void
  readonly ended: Promise<null>
}

export function overSignal(): OverSignal {
  let hasEnded = false
  const { promise: ended, resolve } = Promise.withResolvers<null>()
  return {
    hasEnded: () => hasEnded,
    end() {
      hasEnded = true
      resolve(null)
    },
    ended,
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

/** Null unless the whole answer arrived. */
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

/** The text reaches the ledger by itself, in this run or a later one. */
export async function requestCode(scene: Scene, validMs?: number): Promise<TextMessage | null> {
  const { cloud } = scene.door.home
  const granted = cloud.grantCode(validMs === undefined ? {} : { validMs }).catch((error) => {
    if (error instanceof NoTextSent) return null
    throw error
  })
  const text = await Promise.race([granted, scene.over.ended])
  return text && scene.ledger.texts.get(text.grantId) === text ? text : null
}

export function wrongCode({ ledger }: Scene, dice: Dice): string {
  const known = codesOf(ledger)
  for (;;) {
    const code = String(dice.below(10 ** oneTimeDigits)).padStart(oneTimeDigits, '0')
    if (!known.has(code)) return code
  }
}

/** Repeats until the daemon is killed, with a random pause in between. */
export async function untilOver(
  { over }: Scene,
  dice: Dice,
  pauseMs: number,
  act: () => Promise<unknown> | unknown,
): Promise<void> {
  while (!over.hasEnded()) {
    await act()
    await pause(over, dice.below(pauseMs + 1))
  }
}

export const pause = async (over: OverSignal, ms: number): Promise<void> =>
  void (await Promise.race([delay(ms), over.ended]))

const lookAgainMs = 5

/** Whether a condition holds in time. */
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
