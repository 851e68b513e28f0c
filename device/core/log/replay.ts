/** Judges the entries of a log once more, by other rules than those that the door had. */
import type { Settings } from '../../../protocol/messages/cloud.ts'
import type { DoorMessage, DoorMode, EntryRefusal } from '../../../protocol/messages/door.ts'
import { admit } from '../credentials/admission.ts'
import type { StoredGrant } from '../credentials/grant.ts'
import { isWithinHours } from '../credentials/hours.ts'
import { isNewVisit, type Terms, type Uses, unused } from '../credentials/terms.ts'

/** How the door is set. */
export interface Rules {
  readonly timeZone: string
  /** Null: the mode that the log says. */
  readonly modeHours: Settings['modeHours'] | null
  /** The terms of a standing credential. */
  readonly termsOf: (grant: StoredGrant, terms: Terms) => Terms
}

type Entry = Extract<DoorMessage, { type: 'entry-accepted' | 'entry-refused' }>
/** Null: it opened the door. */
type Outcome = EntryRefusal | null

export interface Judged {
  readonly entry: Entry
  readonly grant: StoredGrant
  readonly before: Outcome
  readonly after: Outcome
}

/**
 * Each code that was typed and that the door still knows, by both rules. What cannot be known any more
 * (a face, a second proof, the lockout) was as the log says.
 */
export function replay(
  messages: Iterable<DoorMessage>,
  grantOf: (grantId: string) => StoredGrant | null,
  { present, other }: { readonly present: Rules; readonly other: Rules },
): readonly Judged[] {
  const [judgePresent, judgeOther] = [judgeBy(present), judgeBy(other)]
  let mode: DoorMode = 'normal'
  const judged: Judged[] = []
  for (const message of messages) {
    mode = modeAfter(mode, message)
    if (message.type !== 'entry-accepted' && message.type !== 'entry-refused') continue
    const grant = message.grantId === null ? null : grantOf(message.grantId)
    if (!grant) continue
    const [before, after] = [judgePresent, judgeOther].map((judge) => judge(message, grant, mode))
    judged.push({ entry: message, grant, before: before ?? null, after: after ?? null })
  }
  return judged
}

function modeAfter(mode: DoorMode, message: DoorMessage): DoorMode {
  if (message.type === 'mode-set') return message.inForce
  if (message.type === 'mode-changed') return message.mode
  return message.type === 'door-state' ? (message.mode ?? mode) : mode
}

/** Keeps its own count of visits, as other rules lead to other entries. */
function judgeBy({ timeZone, modeHours, termsOf }: Rules) {
  const usesOf = new Map<string, Uses>()
  return (entry: Entry, stored: StoredGrant, logged: DoorMode): Outcome => {
    const { atMs: nowMs, timeKnown, visitId } = entry
    const uses = usesOf.get(stored.grantId) ?? unused
    const { standing } = stored
    const grant = {
      ...stored,
      closed: null,
      standing: standing && { terms: termsOf(stored, standing.terms), uses },
    }
    const was = entry.type === 'entry-refused' ? entry.reason : null
    const verdict = admit(grant, {
      ...{ nowMs, timeKnown, timeZone, visitId },
      mode: modeHours ? modeOf(modeHours, nowMs, timeZone) : logged,
      judgesPins: was !== 'pins-resting',
      seenVisitors: was === 'second-missing' ? [] : [stored.visitorId],
      totpPeriod: was === 'second-missing' ? null : Number.MAX_SAFE_INTEGER,
    })
    // Whether it was used up or withdrawn before does not depend on these rules.
    if (was === 'used' || was === 'revoked') return was
    if (verdict.admitted) {
      const visits = uses.visits + Number(isNewVisit(uses, visitId))
      usesOf.set(stored.grantId, { ...uses, visits, lastVisitId: visitId })
    }
    return verdict.admitted ? null : verdict.reason
  }
}

const modeOf = (
  modeHours: NonNullable<Settings['modeHours']>,
  nowMs: number,
  timeZone: string,
): DoorMode =>
  modeHours.find((hours) => isWithinHours({ weeklyHours: [hours] }, nowMs, timeZone))?.mode ??
  'normal'
