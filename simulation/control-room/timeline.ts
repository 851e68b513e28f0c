/** What happened and why, across door and cloud, in plain sentences and in the order of events. */
import { sentenceFor } from '../../device/core/log/explain.ts'
import type { CloudBody } from '../../protocol/messages/cloud.ts'
import type { DoorMessage } from '../../protocol/messages/door.ts'
import type { LockChange } from '../door/relay.ts'
import type { TimelineEntry } from './state.ts'

/** The door's clock and ours differ by a little. */
const sameMomentMs = 1_000

/** The door's own log keeps everything; this is for looking at. */
const longest = 500

export class Timeline {
  #entries: readonly TimelineEntry[]

  constructor(before: readonly TimelineEntry[] = []) {
    this.#entries = before
  }

  /** A door repeats what it is not sure was heard, after a restart of everything too. */
  #knows({ atMs, who, sentence }: TimelineEntry, before: number): boolean {
    const first = this.#entries.findLastIndex((entry) => entry.atMs < atMs) + 1
    const sameMoment = this.#entries.slice(first, before)
    return who === 'door' && sameMoment.some((one) => one.who === who && one.sentence === sentence)
  }

  get entries(): readonly TimelineEntry[] {
    return this.#entries
  }

  /**
   * In the order of arrival, but what the door said while it was offline goes where it belongs. An
   * effect is never told to be a little earlier than its cause, whatever the clocks say.
   */
  add(entry: TimelineEntry): void {
    const latestMs = entry.atMs + sameMomentMs
    const after = this.#entries.findLastIndex(({ atMs }) => atMs <= latestMs) + 1
    const atMs = Math.max(entry.atMs, this.#entries[after - 1]?.atMs ?? entry.atMs)
    if (this.#knows({ ...entry, atMs }, after)) return
    this.#entries = this.#entries.toSpliced(after, 0, { ...entry, atMs }).slice(-longest)
  }
}

export const lockSentence = ({ state, cause }: LockChange): string =>
  state === 'open' ? 'The bolt moved: open.' : `The bolt moved: closed${closedBecause[cause]}.`

const closedBecause: Record<LockChange['cause'], string> = {
  order: '',
  'hold-over': ' by itself, the time was over',
  'line-dropped': ' by itself, the daemon was gone',
}

/** Null for what only machines say to each other. */
export function doorSentence(
  message: DoorMessage,
  nameOf: (visitorId: string) => string | null,
): string | null {
  if (message.type === 'time-wanted' || message.type === 'door-state') return null
  return sentenceFor(message, nameOf)
}

/**
 * A door that does not know the time yet only knows when it can have been at the earliest. That it
 * started could be seen from outside, though it may be heard much later.
 */
export function doorMoment(
  { type, timeKnown, atMs }: DoorMessage,
  arrivedAtMs: number,
  starts: readonly number[] = [],
): number {
  if (timeKnown) return atMs
  const started = type === 'door-started' && starts.find((startMs) => startMs >= atMs)
  return started || arrivedAtMs
}

/** Of what the cloud says to a door, only what its own log does not tell. */
export function commandSentence(body: CloudBody): string | null {
  if (body.type === 'revoke-grant') return 'The cloud withdraws a code.'
  if (body.type !== 'visit-status' || body.status !== 'no-answer') return null
  return 'Nobody answered in time; the door is told so.'
}

// ---------------------------------------------------------------- the cloud's log

const asked: Readonly<Record<string, string>> = {
  'nobody-on-file': 'nobody on file looks like them',
  'weak-match': 'they resemble somebody, but not surely',
  'seen-once': 'they were seen only once',
}

const outcomes: Readonly<Record<string, string>> = {
  allowed: 'The owner allowed the visitor.',
  denied: 'The owner said no.',
  already: 'The owner answered once more; it had been decided.',
  unfit: 'The owner’s form was not complete.',
}

const refusals: Readonly<Record<string, string>> = {
  'wrong-number': 'the visit number was wrong',
  'wrong-token': 'the link was not the one from the mail',
  expired: 'the question had run out',
  'other-photo': 'the picture was another one',
  unknown: 'there is no such question',
}

/** What the cloud's log line means to a person; null for what would only repeat something. */
export function cloudSentence(text: string, data: object): string | null {
  const word = (name: string) => String(Object.entries(data).find(([key]) => key === name)?.[1])
  switch (text) {
    case 'owner asked':
      return `The owner is asked: ${asked[word('why')] ?? word('why')}.`
    case 'owner answered':
      return word('outcome') === 'refused'
        ? `An answer was refused: ${refusals[word('reason')] ?? word('reason')}.`
        : (outcomes[word('outcome')] ?? null)
    case 'code issued':
      return 'A one-time code was made and offered to the door.'
    case 'code sent':
      return 'The door has the code, so it was sent to the visitor.'
    case 'face not searched':
      return `One picture does not tell who it is (${word('flaw')}); others may.`
    case 'still not usable':
      return 'A picture was not usable.'
    case 'sighting too old':
      return 'A picture came too late to matter.'
    case 'recognised, but no longer welcome':
      return 'Somebody was recognised whose time as a guest is over.'
    case 'owner told':
      return `The owner is told: ${word('alarm').replaceAll('-', ' ')}.`
    case 'visitor forgotten':
      return 'A visitor was forgotten.'
    case 'message failed, will be tried again':
    case 'change failed, will be tried again':
      return 'Something failed in the cloud and is tried again.'
    case 'request failed':
      return 'A page of the cloud failed.'
    case 'post refused':
      return 'A page of somebody else tried to answer, and was refused.'
    default:
      return null
  }
}
