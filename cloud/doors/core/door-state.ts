/** What is known about a door from its messages, part by part. */
import type { DoorMessage } from '../../../protocol/messages/door.ts'

export interface DoorState {
  readonly lock?: Reported<'locked' | 'unlocked' | 'failed'> | undefined
  readonly contact?: Reported<'open' | 'closed' | 'unknown'> | undefined
  /** Of the settings that the door applied. */
  readonly revision?: Reported<number> | undefined
  /** The last command that moves the lock, and `accepted` or why it was refused. */
  readonly answer?: Reported<{ readonly commandId: string; readonly result: string }> | undefined
  /** Any message. */
  readonly heard?: Reported<true> | undefined
}

interface Reported<T> {
  readonly value: T
  /** By the door's clock. */
  readonly atMs: number
}

export type DoorReport = {
  readonly [Part in keyof DoorState]?: NonNullable<DoorState[Part]>['value']
}

export const reportIn = (message: DoorMessage): DoorReport => ({ ...parts(message), heard: true })

function parts(message: DoorMessage): DoorReport {
  switch (message.type) {
    case 'door-state':
      return {
        lock: message.lock,
        contact: message.contact,
        revision: message.settingsRevision,
      }
    case 'unlock-accepted':
      return { lock: 'unlocked', ...answer(message.commandId, 'accepted') }
    case 'entry-accepted':
    case 'exit-used':
      return { lock: 'unlocked' }
    case 'request-refused':
      // The door answered the first one, and that counts.
      if (message.request !== 'unlock' || message.reason === 'repeated') return {}
      return answer(message.commandId, message.reason)
    case 'lock-closed':
      return { lock: 'locked' }
    case 'lock-failed':
      return { lock: 'failed' }
    case 'door-opened':
    case 'door-forced':
    case 'door-held-open':
      return { contact: 'open' }
    case 'door-closed':
      return { contact: 'closed' }
    case 'settings-applied':
      return { revision: message.revision }
    default:
      return {}
  }
}

const answer = (commandId: string | null, result: string): DoorReport =>
  commandId === null ? {} : { answer: { commandId, result } }
