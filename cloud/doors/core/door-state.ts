/** What is known about a door from its messages, part by part. */
import { breakGlassCodes } from '../../../protocol/break-glass.ts'
import type { DoorMessage, DoorMode } from '../../../protocol/messages/door.ts'

/** What has to be looked at. Each is stored once, with the time of the last report. */
export const troubles = [
  'lock-failed',
  'door-forced',
  'door-held-open',
  'sensor-unsteady',
  'keypad-paused',
  'log-broken',
  'log-gap',
] as const
export type Trouble = (typeof troubles)[number]

type Troubles = { readonly [Name in Trouble]?: Reported<true> | undefined }

export interface DoorState extends Troubles {
  readonly lock?: Reported<'locked' | 'unlocked' | 'failed'> | undefined
  readonly contact?: Reported<'open' | 'closed' | 'unknown'> | undefined
  /** Of the settings that the door applied. */
  readonly revision?: Reported<number> | undefined
  /** Until when a wrong code has to wait, by the door's clock. 0 without a wait. */
  readonly pausedUntilMs?: Reported<number> | undefined
  /** Whether the door knows the time. */
  readonly clock?: Reported<'known' | 'unknown'> | undefined
  /** The last command of each kind. */
  readonly answer?: Reported<CommandAnswer> | undefined
  readonly liftAnswer?: Reported<CommandAnswer> | undefined
  readonly watchAnswer?: Reported<CommandAnswer> | undefined
  readonly modeAnswer?: Reported<CommandAnswer> | undefined
  readonly mode?: Reported<DoorMode> | undefined
  /** 0: without an end. */
  readonly modeUntilMs?: Reported<number> | undefined
  readonly sheetAnswer?: Reported<CommandAnswer> | undefined
  /** How many codes of the break-glass sheet are not used. */
  readonly sheetLeft?: Reported<number> | undefined
  /** Any message. */
  readonly heard?: Reported<true> | undefined
}

/** `result` is `accepted`, or why the door refused. */
interface CommandAnswer {
  readonly commandId: string
  readonly result: string
}

interface Reported<T> {
  readonly value: T
  /** By the door's clock. */
  readonly atMs: number
}

export type DoorReport = {
  readonly [Part in keyof DoorState]?: NonNullable<DoorState[Part]>['value']
}

/** As the door last reported it, unless that has ended since. */
export function modeIn({ mode, modeUntilMs }: DoorState, nowMs: number): DoorMode {
  const untilMs = modeUntilMs?.value ?? 0
  return untilMs > 0 && untilMs <= nowMs ? 'normal' : (mode?.value ?? 'normal')
}

export const reportIn = (message: DoorMessage): DoorReport => ({ ...parts(message), heard: true })

function parts(message: DoorMessage): DoorReport {
  switch (message.type) {
    case 'door-state':
      return {
        lock: message.lock,
        contact: message.contact,
        revision: message.settingsRevision,
        pausedUntilMs: message.pausedForMs > 0 ? message.atMs + message.pausedForMs : 0,
        clock: message.timeKnown ? 'known' : 'unknown',
        ...(message.mode && modeReport(message.mode, message.modeUntilMs ?? null)),
      }
    case 'clock-confirmed':
      return { clock: 'known' }
    case 'unlock-accepted':
      return { lock: 'unlocked', ...answered('answer', message.commandId, 'accepted') }
    case 'live-watched':
      return answered('watchAnswer', message.commandId, 'accepted')
    case 'keypad-paused':
      return { pausedUntilMs: message.atMs + message.forMs, 'keypad-paused': true }
    case 'keypad-resumed':
      return { pausedUntilMs: 0, ...answered('liftAnswer', message.commandId, 'accepted') }
    case 'entry-accepted': {
      const { codesLeft } = message
      return { lock: 'unlocked', ...(codesLeft !== undefined && { sheetLeft: codesLeft }) }
    }
    case 'sheet-stored':
      return {
        sheetLeft: breakGlassCodes,
        ...answered('sheetAnswer', message.commandId, 'accepted'),
      }
    case 'mode-set':
      return {
        ...modeReport(message.inForce, message.untilMs),
        ...answered('modeAnswer', message.commandId, 'accepted'),
      }
    case 'mode-changed':
      return modeReport(message.mode, message.untilMs)
    case 'sheet-ended':
      return { sheetLeft: 0 }
    case 'exit-used':
      return { lock: 'unlocked' }
    case 'request-refused':
      // The door answered the first one, and that counts.
      if (message.reason === 'repeated') return {}
      return answered(answerTo[message.request], message.commandId, message.reason)
    case 'lock-closed':
      return { lock: 'locked' }
    case 'lock-failed':
      return { lock: 'failed', 'lock-failed': true }
    case 'door-opened':
      return { contact: 'open' }
    case 'door-forced':
    case 'door-held-open':
      return { contact: 'open', [message.type]: true }
    case 'sensor-unsteady':
      return { 'sensor-unsteady': true }
    case 'door-closed':
      return { contact: 'closed' }
    case 'settings-applied':
      return { revision: message.revision }
    default:
      return {}
  }
}

const modeReport = (mode: DoorMode, untilMs: number | null): DoorReport => ({
  mode,
  modeUntilMs: untilMs ?? 0,
})

const answerTo = {
  unlock: 'answer',
  'lift-pause': 'liftAnswer',
  'watch-live': 'watchAnswer',
  'new-sheet': 'sheetAnswer',
  'set-mode': 'modeAnswer',
} as const

const answered = (
  part: (typeof answerTo)[keyof typeof answerTo],
  commandId: string | null,
  result: string,
): DoorReport => (commandId === null ? {} : { [part]: { commandId, result } })
