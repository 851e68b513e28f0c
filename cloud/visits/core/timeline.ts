/**
 * What may be in the timeline of a visit, and why. The pages have a sentence for each; a new entry
 * without one does not compile.
 */

import type { EntryRefusal, GrantRefusal } from '../../../protocol/messages/door.ts'
import type { Purpose } from '../../credentials/core/credential.ts'

/** Why a visitor got a code. */
export type CodeWhy =
  | `recognised in ${number} snapshots`
  | 'the owner allowed it'
  | 'an owner asked for it'

/** A PIN typed under threat looks like any other: see `Credentials.isDuress`. */
export const standingWhys = {
  pin: 'a PIN',
  duress: 'a PIN',
  guest: 'the code of a guest',
  courier: 'the code of a courier',
} as const satisfies Record<Purpose, string>
type StandingWhy = (typeof standingWhys)[Purpose]

/** Each entry with the reasons that it may have. */
interface Whys {
  /** Not that someone came in: the lock may fail. */
  'code-accepted': CodeWhy | StandingWhy | 'a break-glass code' | 'a code the door accepted'
  /** By whom: `member` and their id, or another origin. */
  unlocked: string
  /** An owner opened the door once, by whom. The door reports what came of it. */
  opened: string
  undone: `${string} took the decision back`
  'bell-rung': 'the door reported it'
  'rang-by-phone': 'the visitor scanned the code at the door'
  refused: `code ${EntryRefusal}`
  'no-code':
    | 'the door did not answer, so no code was sent'
    | `the door refused the code: ${GrantRefusal}`
    | 'too many codes for one door'
    | 'too many codes for one visitor'
    | 'limited'
    | 'crowded'
  'code-mailed': TextProblem
  'text-unconfirmed': TextProblem
  'text-failed': `the text was not sent: ${string}`
  'mail-failed': `the mail was not sent: ${string}`
  denied: 'the owner said no' | 'the owner does not want to be asked again'
  'turned-away': 'the owner asked not to be notified of this person again'
  'not-blocked': 'the recognition service did not store the face'
  'not-searched': 'the recognition service refused a picture'
  'no-answer': 'the owner did not answer in time'
  crowd: `more than ${number} strangers at once`
  'keypad-paused': 'the door reported it'
  'door-forced': 'the door reported it'
  'door-held-open': 'the door reported it'
  'lock-failed': 'the door reported it'
  'sensor-unsteady': 'the door reported it'
}

export type TextProblem = 'the text was not confirmed in time' | `the text failed: ${string}`

export type What = keyof Whys

/** An entry as it is written. What is read may be older than this version. */
export type UntimedEntry<Kind extends What = What> = {
  [K in Kind]: { readonly what: K; readonly why: Whys[K]; readonly visitorId: string | null }
}[Kind]
export type NewEntry = UntimedEntry & { readonly atMs: number }

/** A reason without what varies in it. */
type Constant<Why extends string> = Why extends `recognised in ${number} snapshots`
  ? 'recognised in several snapshots'
  : Why extends `more than ${number} strangers at once`
    ? 'many strangers at once'
    : Why extends `${infer Sentence extends VaryingEnd}: ${string}`
      ? Sentence
      : Why
const varyingEnds = ['the text failed', 'the text was not sent', 'the mail was not sent'] as const
type VaryingEnd = (typeof varyingEnds)[number]

/** What the pages have a sentence for, if the entry itself does not say it. */
export type Reason = Constant<Whys[Exclude<What, 'unlocked' | 'opened' | 'undone'>]>

/** Not always a `Reason`: what is stored may be of another version. */
export function reasonOf(why: string): string {
  if (/^recognised in \d+ snapshots$/.test(why)) return 'recognised in several snapshots'
  if (/^more than \d+ strangers at once$/.test(why)) return 'many strangers at once'
  return varyingEnds.find((one) => why.startsWith(`${one}: `)) ?? why
}

const codeWhys = ['the owner allowed it', 'an owner asked for it'] as const

/** Of a code as it was stored, which an older version may have done. */
export function acceptedWhy(why: string | undefined): Whys['code-accepted'] {
  const [, snapshots] = /^recognised in (\d+) snapshots$/.exec(why ?? '') ?? []
  if (snapshots !== undefined) return `recognised in ${Number(snapshots)} snapshots`
  return codeWhys.find((one) => one === why) ?? 'a code the door accepted'
}
