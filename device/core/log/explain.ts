/** The log in plain sentences, for owners and installers. */
import { breakGlassNumber } from '../../../protocol/break-glass.ts'
import type { DoorMessage, DoorMode } from '../../../protocol/messages/door.ts'
import type { StoredGrant } from '../credentials/grant.ts'
import { localHolderId } from '../credentials/local-holder.ts'
import { shippedLockout } from '../credentials/lockout.ts'
import { whenItWorks } from './when-it-works.ts'

/** Names are not in the log, so that they can be deleted. */
type NameOf = (visitorId: string) => string | null

/** What the store knows besides, and the log does not say. */
export interface Known {
  readonly nameOf: NameOf
  readonly grantOf: (grantId: string) => StoredGrant | null
  readonly timeZone: string
}

/** Why a code was refused, whose it was, and when it works. */
function refusalSentence(
  message: Extract<DoorMessage, { type: 'entry-refused' }>,
  { nameOf, grantOf, timeZone }: Known,
): string {
  const { reason, grantId, atMs } = message
  const grant = grantId === null ? null : grantOf(grantId)
  const name = grant && grant.visitorId !== localHolderId ? nameOf(grant.visitorId) : null
  const whose = name === null ? 'A code' : `The code of ${name}`
  const when = grant && whenItWorks(grant, { reason, atMs }, timeZone)
  return `${whose} was refused: ${entryReasons[reason]}${when ? `; ${when}` : ''}. Wrong codes in a row: ${message.wrongInRow}, in a day: ${countInDay(message.wrongInDay)}.`
}

export function sentenceFor(message: DoorMessage, known: Known): string {
  const { nameOf } = known
  const nameFor = (visitorId: string) =>
    visitorId === localHolderId
      ? 'A visitor with a code made at the door'
      : (nameOf(visitorId) ?? 'a visitor whose name was deleted')
  switch (message.type) {
    case 'door-started':
      return message.pausedForMs > 0
        ? `The door started; the keypad stays paused for another ${span(message.pausedForMs)}.`
        : 'The door started, locked.'
    case 'door-stopped':
      return `The door was stopped (${message.signal}).`
    case 'clock-confirmed':
      return `The time was confirmed by ${clockNames[message.source]}${moved(message.movedMs)}.`
    case 'visit-started':
      return `Visit ${message.visitNumber} began: ${causes[message.cause]}.`
    case 'visit-ended':
      return `The visit ended after ${span(message.lastedMs)}.`
    case 'snapshot-uploaded':
      return 'A snapshot of the visitor was sent to the cloud.'
    case 'grant-stored':
      return message.visitorId === localHolderId
        ? 'A one-time code was made at the door.'
        : `A code for ${nameFor(message.visitorId)} is stored.`
    case 'grant-refused':
      return `A new code was refused: ${grantReasons[message.reason]}.`
    case 'grant-revoked':
      return `A code (${message.was}) was revoked: ${message.reason}.`
    case 'entry-accepted':
      if (message.credential === 'break-glass') {
        return `ALARM: code ${breakGlassNumber(message.grantId)} of the break-glass sheet was typed. The lock opened for ${span(message.holdMs)}. Codes left: ${message.codesLeft ?? 'unknown'}.`
      }
      return `${nameFor(message.visitorId)} typed a valid code. The lock opened for ${span(message.holdMs)}.${message.ntpOnly ? ' Only the network vouched for the time.' : ''}`
    case 'entry-refused':
      return refusalSentence(message, known)
    case 'keypad-paused':
      return `The keypad paused for ${span(message.forMs)}: ${pauseReasons[message.reason]}. It does so after each further one.`
    case 'keypad-resumed':
      return `${message.by} ended the keypad's pause.`
    case 'unlock-accepted':
      return `${message.by} unlocked the door remotely, for ${span(message.holdMs)}.`
    case 'request-refused':
      return `${message.by} asked the door to ${requests[message.request]}. It refused: ${requestReasons[message.reason]}.`
    case 'live-watched':
      return message.forMs > 0
        ? `${message.by} started the live view, for ${span(message.forMs)} at most.`
        : `${message.by} ended the live view.`
    case 'sheet-stored':
      return `A new break-glass sheet was made by ${message.by}.${message.codesEnded > 0 ? ` The ${message.codesEnded} codes that were left of the one before do not work any more.` : ''}`
    case 'sheet-ended':
      return `ALARM: the break-glass sheet does not work any more: ${sheetEnds[message.reason]}. Print a new one.`
    case 'mode-set':
      return `${message.by} set the door to ${modes[message.mode]}${until(message.untilMs)}. In force now: ${modes[message.inForce]}.`
    case 'mode-changed':
      return `The door is in ${modes[message.mode]} now${until(message.untilMs)}: ${modeCauses[message.cause]}.`
    case 'lock-closed':
      return message.cause === 'stopping'
        ? 'The lock closed because the door stopped.'
        : 'The lock closed.'
    case 'lock-failed':
      return `The lock did not ${message.action}: ${message.detail}.`
    case 'door-opened':
      return 'The door was opened.'
    case 'door-closed':
      return `The door was closed after ${span(message.openForMs)}.`
    case 'door-forced':
      return 'ALARM: the door was opened although the lock was closed.'
    case 'door-held-open':
      return `The door has stood open for ${span(message.openForMs)}.`
    case 'sensor-unsteady':
      return `ALARM: the ${sensorNames[message.sensor]} changes too often. Its events are only counted until it is steady.`
    case 'sensor-steady':
      return `The ${sensorNames[message.sensor]} is steady again; ${message.leftOut} of its events in ${span(message.forMs)} are not in the log. The contact is ${message.contact}.`
    case 'exit-used':
      return message.holdMs > 0
        ? `The exit button opened the lock for ${span(message.holdMs)}.`
        : 'The exit button was pressed; the lock stayed closed.'
    case 'bell-rung':
      return 'The bell rang.'
    case 'settings-applied':
      return `The owner's settings were applied (revision ${message.revision}).`
    case 'visitor-updated':
      return `The name or language of ${nameFor(message.visitorId)} was updated.`
    case 'visitor-forgotten':
      return `A visitor was deleted; ${message.grantsRevoked} of their codes were revoked.`
    case 'message-refused':
      return `A message from the cloud was refused: ${message.reason} (${message.detail}).`
    case 'time-wanted':
      return 'The door asked the cloud for the time.'
    case 'resync-wanted':
      return 'The door asked the cloud for everything that it should hold.'
    case 'door-introduced':
      return `The door connected to the cloud (software ${message.software}).`
    case 'door-state':
      return `The door reported: ${message.lock}, contact ${message.contact}.`
    default:
      return message satisfies never
  }
}

const clockNames = { ntp: 'the network', host: 'this computer', cloud: 'the cloud' }
const sensorNames = {
  contact: 'door contact',
  bond: 'bond sensor',
  'exit-button': 'exit button',
  bell: 'bell button',
}
const causes = {
  motion: 'the camera saw a visitor',
  bell: 'the bell rang',
  keypad: 'the keypad was used',
}
const grantReasons = {
  'clock-unknown': 'the door does not know the time yet',
  expired: 'it had already expired',
  'validity-too-long': 'it would have been valid for too long',
  'code-in-use': 'another visitor has the same code',
  'visitor-removed': 'the visitor has been deleted',
  'already-closed': 'it was used or revoked before',
  'differs-from-stored': 'the door holds a different one under the same name',
  'door-locked': 'the door is set to stay locked',
  'not-supported': 'this door does not support it',
  mode: 'the mode of the door takes no such codes',
  'too-easy-to-guess': 'with it, the codes of this door would be too easy to guess',
}
export const entryReasons = {
  wrong: 'there is no such code',
  expired: 'it had expired',
  used: 'it had been used before',
  revoked: 'it had been revoked',
  'not-yet-valid': 'it is not valid yet',
  'clock-unknown': 'the door did not know the time',
  'outside-hours': 'it is not valid at this hour',
  'visits-used': 'it was used in as many visits as it is for',
  'second-missing': 'its second proof was missing',
  mode: 'the mode of the door lets no such codes in',
  'pins-resting': 'PINs rest after too many wrong codes in a day',
}
const pauseReasons = {
  'wrong-codes': 'too many wrong codes in a row',
  'daily-limit': 'too many wrong codes in one day',
}
const modes: Readonly<Record<DoorMode, string>> = {
  normal: 'normal mode',
  holiday: 'holiday mode (one-time codes that an owner allowed, and break-glass codes)',
  privacy: 'privacy mode (break-glass codes only)',
  passage: 'passage mode (held open)',
  locked: 'locked mode (exit button only)',
}
const modeCauses = {
  hours: 'the hours of the week say so',
  ended: 'what was set has ended',
  config: 'its config file says so',
  'clock-unknown': 'it does not know the time, so hours and ends do not apply',
}
// Sweden's format is that of ISO 8601.
const until = (untilMs: number | null): string =>
  untilMs === null
    ? ''
    : ` until ${new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'short' }).format(untilMs)}`

const sheetEnds = {
  restored: 'the door was restored from a backup',
  'key-replaced': "the door's key was replaced",
}
const requests = {
  unlock: 'unlock',
  'lift-pause': "end the keypad's pause",
  'watch-live': 'start the live view',
  'set-mode': 'change its mode',
  'new-sheet': 'store a new break-glass sheet',
}
const requestReasons = {
  'clock-unknown': 'the door did not know the time',
  expired: 'it came too late',
  'too-long-lived': 'it was valid for too long',
  repeated: 'it had been carried out before',
  'door-locked': 'the door is set to stay locked',
  'lock-resting': 'the coil of its lock has to cool down first',
  'not-supported': 'this door does not support it',
}

const moved = (movedMs: number): string => {
  if (Math.abs(movedMs) < 1_000) return ''
  return `; it was ${span(Math.abs(movedMs))} ${movedMs > 0 ? 'behind' : 'ahead'}`
}

/** A door counts only as far as its rules ask. */
const countInDay = (wrongInDay: number): string => {
  const { shortWaitsPerDay } = shippedLockout
  return wrongInDay > shortWaitsPerDay ? `more than ${shortWaitsPerDay}` : String(wrongInDay)
}

/** Rounded the way people say it. */
function span(durationMs: number): string {
  const seconds = Math.round(durationMs / 1_000)
  if (seconds < 120) return `${seconds} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 120) return `${minutes} min`
  const hours = Math.round(minutes / 60)
  return hours < 72 ? `${hours} h` : `${Math.round(hours / 24)} days`
}
