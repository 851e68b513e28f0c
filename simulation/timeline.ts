/** What happened, in plain words and in the order in which it happened. */
import { sentenceFor } from '../device/core/explain.ts'
import type { DoorMessage } from '../protocol/messages.ts'
import type { TimelineEntry } from './control-room-state.ts'
import type { LockChange } from './relay.ts'

/** The door's clock and ours differ by a little. */
const sameMomentMs = 1_000

/** What is shown; the door's own log keeps everything. */
const longest = 100

export class Timeline {
  #entries: readonly TimelineEntry[] = []

  get entries(): readonly TimelineEntry[] {
    return this.#entries
  }

  /** In the order of arrival, but what the door said while it was offline goes where it belongs. */
  add(entry: TimelineEntry): void {
    const latestMs = entry.atMs + sameMomentMs
    const after = this.#entries.findLastIndex(({ atMs }) => atMs <= latestMs) + 1
    this.#entries = this.#entries.toSpliced(after, 0, entry).slice(-longest)
  }
}

export const lockSentence = ({ state, cause }: LockChange): string =>
  state === 'open' ? 'The bolt moved: open.' : `The bolt moved: closed${closedBecause[cause]}.`

const closedBecause: Record<LockChange['cause'], string> = {
  order: '',
  'hold-over': ' by itself, the time was over',
  'line-dropped': ' by itself, the daemon was gone',
}

export const doorEntry = (
  message: DoorMessage,
  arrivedAtMs: number,
  nameOf: (visitorId: string) => string | null,
): TimelineEntry => ({
  // A door that does not know the time yet only knows when it can have been at the earliest.
  atMs: message.timeKnown ? message.atMs : arrivedAtMs,
  who: 'door',
  sentence: sentenceFor(message, nameOf),
})
