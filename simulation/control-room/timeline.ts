/** What happened and why, in the door and in the cloud, in plain sentences and in order. */
import { sentenceFor } from '../../device/core/log/explain.ts'
import type { CloudBody } from '../../protocol/messages/cloud.ts'
import type { DoorMessage } from '../../protocol/messages/door.ts'
import type { LockChange } from '../door/relay.ts'
import type { TimelineEntry } from './state.ts'

/** How far the door's clock and this one may differ. */
const clockErrorMs = 1_000

/** The door's own log has no such limit. */
const longest = 500

export class Timeline {
  #entries: readonly TimelineEntry[]

  constructor(before: readonly TimelineEntry[] = []) {
    this.#entries = before
  }

  /** A door repeats messages that may not have arrived, also after a restart. */
  #knows({ atMs, who, sentence }: TimelineEntry, before: number): boolean {
    const first = this.#entries.findLastIndex((entry) => entry.atMs < atMs) + 1
    const atThatTime = this.#entries.slice(first, before)
    return who === 'door' && atThatTime.some((one) => one.who === who && one.sentence === sentence)
  }

  get entries(): readonly TimelineEntry[] {
    return this.#entries
  }

  /**
   * In the order of arrival, except that events from an offline time are inserted where they belong.
   * Small differences between the clocks never put an effect before its cause.
   */
  add(entry: TimelineEntry): void {
    const latestMs = entry.atMs + clockErrorMs
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
  'hold-over': ' by itself, because the time was over',
  'connection-lost': ' by itself, because the daemon was gone',
}

/** Null for messages that mean nothing to a person. */
export function doorSentence(
  message: DoorMessage,
  nameOf: (visitorId: string) => string | null,
): string | null {
  if (message.type === 'time-wanted' || message.type === 'door-state') return null
  const isOwners = 'by' in message && message.by === 'member owner'
  return sentenceFor(isOwners ? { ...message, by: 'The owner' } : message, {
    nameOf,
    grantOf: () => null,
    timeZone: 'UTC',
  })
}

/**
 * When an event happened. A door that does not know the time yet sends only a lower bound; its start
 * was seen from outside, even if the message about it arrives much later.
 */
export function timeOf(
  { type, timeKnown, atMs }: DoorMessage,
  arrivedAtMs: number,
  starts: readonly number[] = [],
): number {
  if (timeKnown) return atMs
  const started = type === 'door-started' && starts.find((startMs) => startMs >= atMs)
  return started || arrivedAtMs
}

/** Only for commands that leave no entry in the door's own log. */
export function commandSentence(body: CloudBody): string | null {
  if (body.type === 'revoke-grant') return 'The cloud revokes a code.'
  if (body.type !== 'visit-status' || body.status !== 'no-answer') return null
  return 'The owner did not answer in time; the door is notified.'
}

// ---------------------------------------------------------------- the cloud's log

const asked: Readonly<Record<string, string>> = {
  'not-on-file': 'no one on file looks like the visitor',
  scanned: 'the visitor rang with their phone',
  'weak-match': 'the visitor may be someone on file, but that is not certain',
  'seen-once': 'the visitor was seen only once',
  'welcome-over': 'the visitor’s time is over',
  'outside-hours': 'the visitor came outside the hours of their guest list',
}

const outcomes: Readonly<Record<string, string>> = {
  allowed: 'The owner allowed the visitor.',
  denied: 'The owner denied the visitor.',
  already: 'The owner answered again; it had already been decided.',
  unfit: 'The owner’s form was not complete.',
}

const refusals: Readonly<Record<string, string>> = {
  'wrong-number': 'the visit number was wrong',
  'wrong-token': 'the link was not the one from the mail',
  expired: 'the request had expired',
  'other-photo': 'the photo had changed',
  unknown: 'there is no such request',
}

/** What a log entry of the cloud means to a person; null if it would only repeat another entry. */
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
      return `A snapshot was not good enough for recognition (${word('why')}).`
    case 'snapshot not usable':
      return 'A snapshot was not usable.'
    case 'snapshot too old or from the future':
    case 'sighting too old or from the future':
      return 'A snapshot came too late to matter.'
    case 'recognition refused a picture':
      return 'The recognition service refused a snapshot.'
    case 'recognised, but no longer welcome':
      return 'A guest was recognised whose time is over.'
    case 'owner notified':
      return `The owner is notified: ${word('alarm').replaceAll('-', ' ')}.`
    case 'visitor forgotten':
      return 'A visitor was forgotten.'
    case 'message failed, will be tried again':
    case 'change failed, will be tried again':
      return 'Something failed in the cloud and is tried again.'
    case 'request failed':
      return 'A page of the cloud failed.'
    case 'post refused':
      return 'A page of another site tried to answer, and was refused.'
    default:
      return null
  }
}
