/** Figures about the running daemon, for monitoring. */
import type { DoorState } from '../core/door/state.ts'
import { isConfirmed } from '../core/time/trusted-time.ts'
import type { CommittedEvent } from './committed-events.ts'

interface Figures {
  readonly state: DoorState
  readonly unrecorded: number
  readonly unsent: number
}

export function createMetrics() {
  const counts = { handled: 0, overflowed: 0, refusedMessages: 0 }
  return {
    onCommitted({ event }: CommittedEvent): void {
      counts.handled += 1
      if (event.kind === 'message-refused') counts.refusedMessages += 1
    },
    onOverflow(): void {
      counts.overflowed += 1
    },
    list: ({ state, unrecorded, unsent }: Figures) => [
      counter('events_total', 'Events handled since the start.', counts.handled),
      counter('overflows_total', 'Events dropped because the queue was full.', counts.overflowed),
      counter('refused_messages_total', 'Messages not understood.', counts.refusedMessages),
      counter('unrecorded_total', 'Log rows lost because the disk failed.', unrecorded),
      gauge('unsent_messages', 'Messages the cloud has not acknowledged.', unsent),
      gauge('online', 'Whether the cloud is connected.', Number(state.link.online)),
      gauge('time_known', 'Whether the time has been confirmed.', Number(isConfirmed(state.time))),
      gauge(
        'not_holding',
        'Whether the lock should hold but does not.',
        Number(state.bond.reported),
      ),
      gauge('unlocked', 'Whether the lock is open.', Number(state.openUntilUptimeMs !== null)),
    ],
  }
}

const counter = (name: string, help: string, value: number) =>
  ({ name: `smart_door_${name}`, help, kind: 'counter', value }) as const

const gauge = (name: string, help: string, value: number) =>
  ({ name: `smart_door_${name}`, help, kind: 'gauge', value }) as const
