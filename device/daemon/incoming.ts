/** What the daemon's queue holds, and how it becomes an event of the core. */
import type { CodeAnswer } from '../../protocol/keypad-api.ts'
import type { DoorEvent } from '../core/door/decide.ts'
import type { DoorState } from '../core/door/state.ts'
import { judgesCodes } from '../core/keypad/keypad.ts'
import { earliestNowMs } from '../core/time/trusted-time.ts'
import {
  type CloudBytes,
  codeEvent,
  type LookupDeps,
  messageEvent,
  orNull,
  passcodeEvent,
  sheetFacts,
  unreadableSheet,
} from './lookup.ts'
import type { Clock, PasscodeAnswer, SensorReading, SheetAnswer } from './ports.ts'

export interface Caller<T> {
  readonly answer: (answer: T) => void
  readonly fail: (error: Error) => void
}

export type UnlockAnswer = 'accepted' | 'refused'

/** From outside the daemon: limited in number, and refused when the daemon stops. */
type Foreign =
  | { readonly kind: 'bell'; readonly caller: Caller<void> }
  | ({ readonly kind: 'message' } & CloudBytes)
  | { readonly kind: 'code'; readonly code: string; readonly caller: Caller<CodeAnswer> }
  | { readonly kind: 'unlock'; readonly by: string; readonly caller: Caller<UnlockAnswer> }
  | { readonly kind: 'passcode'; readonly caller: Caller<PasscodeAnswer> }
  | { readonly kind: 'sheet'; readonly by: string; readonly caller: Caller<SheetAnswer> }

export type Incoming =
  | Foreign
  | { readonly kind: 'event'; readonly event: DoorEvent }
  | { readonly kind: 'start' }
  | { readonly kind: 'clock'; readonly source: 'ntp' | 'host' }

/** The daemon's own work, not an event of the door. */
export interface Job {
  readonly kind: 'job'
  readonly run: () => void
}

const foreignKinds: readonly string[] = [
  'bell',
  'message',
  'code',
  'unlock',
  'passcode',
  'sheet',
] satisfies Foreign['kind'][]

export const isForeign = (item: Incoming | Job): item is Foreign => foreignKinds.includes(item.kind)

/** Null where rows of the store that it needs cannot be read. */
export function eventOf(
  incoming: Incoming,
  state: DoorState,
  uptimeMs: number,
  deps: LookupDeps & { readonly clock: Clock; readonly newId: () => string },
): DoorEvent | null {
  const nowMs = earliestNowMs(state.time, uptimeMs)
  switch (incoming.kind) {
    case 'event':
      return incoming.event
    case 'start':
      return { kind: 'started', unreadable: unreadableSheet(deps) }
    case 'clock':
      // Read here and not when submitted: at the start the item may wait for seconds.
      return { kind: 'clock-confirmed', atMs: deps.clock.wallMs(), source: incoming.source }
    case 'bell':
      return { kind: 'bell-pressed' }
    case 'unlock':
      return { kind: 'unlock-requested', origin: 'integration', by: incoming.by }
    case 'code':
      // Without a judgement there is no lookup, whose duration could show that a code exists.
      return judgesCodes(state, uptimeMs, incoming.code.length)
        ? codeEvent(deps, incoming.code, nowMs)
        : {
            kind: 'code-entered',
            grant: null,
            visitor: null,
            totpPeriod: null,
            digits: incoming.code.length,
          }
    case 'passcode':
      return orNull(deps, () => passcodeEvent(deps, deps.newId(), nowMs))
    case 'sheet': {
      const { by } = incoming
      return orNull(deps, () => ({
        ...{ kind: 'sheet-wanted', by },
        ...sheetFacts(deps, deps.newId(), nowMs),
      }))
    }
    case 'message':
      return orNull(deps, () => messageEvent(deps, incoming, nowMs))
    default:
      return incoming satisfies never
  }
}

export function sensorEvent(reading: SensorReading): DoorEvent {
  switch (reading.kind) {
    case 'contact':
      return { kind: 'contact-changed', open: reading.open }
    case 'bond':
      return { kind: 'bond-changed', holding: reading.holding }
    case 'exit-pressed':
    case 'bell-pressed':
      return { kind: reading.kind }
    default:
      return reading satisfies never
  }
}
