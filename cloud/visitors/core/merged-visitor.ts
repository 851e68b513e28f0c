/** What remains of two visitors who are the same person: nothing that an owner wrote is lost. */
import type { Visitor } from './visitor.ts'

/** The photo stays that of `kept`. */
export function mergedVisitor(kept: Visitor, gone: Visitor): Visitor {
  const phone = kept.contact.phone ?? gone.contact.phone
  const email = kept.contact.email ?? gone.contact.email
  const consent = kept.consent ?? gone.consent
  const notes = [kept.notes, gone.notes].filter((one) => one !== undefined && one !== '')
  return {
    ...kept,
    contact: { ...kept.contact, phone, email },
    remembersFace: kept.remembersFace || gone.remembersFace,
    ...(consent && { consent }),
    createdAtMs: Math.min(kept.createdAtMs, gone.createdAtMs),
    welcomeUntilMs: laterOf(kept.welcomeUntilMs, gone.welcomeUntilMs),
    trusted: kept.trusted || gone.trusted,
    // To be let in again takes an owner who wants it.
    blocked: kept.blocked || gone.blocked,
    tags: both(kept.tags, gone.tags),
    lists: both(kept.lists, gone.lists),
    notes: notes.join('\n'),
    merged: [...both(kept.merged, gone.merged), gone.visitorId],
  }
}

const both = (one: readonly string[] = [], other: readonly string[] = []): readonly string[] => [
  ...new Set([...one, ...other]),
]

/** Null means no end. */
const laterOf = (one: number | null, other: number | null): number | null =>
  one === null || other === null ? null : Math.max(one, other)
