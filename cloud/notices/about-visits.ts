/** Notices about visitors: who waits, who rings, who came in, and that a question was answered. */
import type { Language } from '../../protocol/messages/shared.ts'
import { type ApprovalRequest, requestId } from '../approvals/core/approval-request.ts'
import type { DoorRef } from '../doors/core/door-ref.ts'
import { doOnce } from '../idempotency.ts'
import { placeOf } from '../letters/date-words.ts'
import { facePictureName, noticeLetter } from '../letters/letters.ts'
import { type Door, doorOf, type Household } from '../members/core/household.ts'
import type { Uses, VisitRef } from '../ports.ts'
import { consoleLanguage, consoleWords } from '../translations/console/words.ts'
import { fill } from '../translations/translations.ts'
import { subjectOf } from '../visits/core/visit.ts'
import type { NoticeKind } from './core/notice-settings.ts'
import { type NoticeDeps, type Push, pushTo, recipientsOf } from './notify.ts'

export type VisitNoticeDeps = NoticeDeps &
  Uses<'household' | 'idempotency' | 'mail' | 'visits' | 'approvalRequests' | 'photos'>

const wordsIn = (language: Language) => consoleWords[consoleLanguage(language)].notices.push

/** The question replaces the notice of the bell. */
const tagOf = (visitId: string, subject: string = subjectOf(1)): string =>
  subject === subjectOf(1) ? `visit-${visitId}` : `visit-${visitId}-${subject}`

export function requestPush(language: Language, door: string, request: ApprovalRequest): Push {
  const words = wordsIn(language)
  return {
    title: fill(words.request, { door }),
    body: words.requestBody,
    url: `/requests/${requestId(request)}`,
    tag: tagOf(request.visitId, request.subject),
    ...(request.face && { picture: `/${request.face.key}` }),
  }
}

/** Takes the question off every screen that shows it. */
export async function closeRequest(
  deps: NoticeDeps,
  home: Household,
  request: ApprovalRequest,
): Promise<void> {
  const { devices } = await recipientsOf(deps, home, 'request')
  const tag = tagOf(request.visitId, request.subject)
  const url = `/requests/${requestId(request)}`
  await pushTo(deps, devices, (language) => {
    return { title: wordsIn(language).answered, body: '', url, tag, closes: true }
  })
}

/** However often a visitor presses it. */
const bellLimits = [
  { count: 1, withinMs: 5_000 },
  { count: 30, withinMs: 3_600_000 },
]

export async function notifyOfBell(
  deps: VisitNoticeDeps,
  ref: VisitRef,
  messageId: string,
): Promise<void> {
  const nowMs = deps.clock.nowMs()
  await notifyOnce(deps, ref, { kind: 'bell', key: messageId }, async (door) => {
    if (!(await deps.idempotency.allows(`bells#${ref.doorId}`, bellLimits, nowMs))) return null
    const stranger = (await deps.visits.find(ref))?.strangers.at(-1)
    const request =
      stranger &&
      (await deps.approvalRequests.find({ ...ref, subject: subjectOf(stranger.number) }))
    return (language) => ({
      title: fill(wordsIn(language).bell, { door: door.name }),
      body: wordsIn(language).bellBody,
      url: request ? `/requests/${requestId(request)}` : '/',
      tag: tagOf(ref.visitId, request?.subject),
      picture: stranger && `/${stranger.face.key}`,
    })
  })
}

interface NoticedEntry {
  /** Entries of one key are one. */
  readonly key: string
  readonly visitId?: string | null
  /** Of a guest or courier, or of the person whose PIN it was. */
  readonly name?: string | undefined
}

/** With a picture of the visit, where there is one. */
export const notifyOfEntry = (
  deps: VisitNoticeDeps,
  ref: DoorRef,
  { key, visitId = null, name = '' }: NoticedEntry,
): Promise<void> =>
  notifyOnce(deps, ref, { kind: 'entry', key }, async (door) => {
    const visit = visitId === null ? null : await deps.visits.find({ ...ref, visitId })
    const seen = visit && (Object.values(visit.matches)[0]?.[0] ?? visit.strangers.at(-1)?.face.key)
    return (language) => {
      const words = wordsIn(language)
      const title = fill(name === '' ? words.entry : words.entryOf, { door: door.name, name })
      return {
        ...{ title, body: '', tag: `entry-${ref.doorId}` },
        url: visitId === null ? '/visits' : `/visits/${visitId}`,
        ...(seen && { picture: `/${seen}` }),
      }
    }
  })

async function notifyOnce(
  deps: VisitNoticeDeps,
  { household, doorId }: DoorRef,
  { kind, key }: { readonly kind: NoticeKind; readonly key: string },
  made: (door: Door) => Promise<((language: Language) => Push) | null>,
): Promise<void> {
  const home = await deps.household(household)
  const door = doorOf(home, doorId)
  if (!home || !door) return
  const { mails, devices } = await recipientsOf(deps, home, kind)
  if (mails.length + devices.length === 0) return
  await doOnce(deps, `notice#${key}`, async () => {
    const say = await made(door)
    if (!say) return
    const pushed = pushTo(deps, devices, say)
    for (const { email, language } of mails) {
      const { title, picture } = say(language)
      const jpeg = kind === 'entry' && picture ? await deps.photos.read(picture.slice(1)) : null
      const facts = { language: consoleLanguage(language), place: placeOf(home), title }
      const atMs = deps.clock.nowMs()
      const letter = noticeLetter({
        ...facts,
        doorName: door.name,
        atMs,
        hasPicture: jpeg !== null,
      })
      const pictures = jpeg ? [{ name: facePictureName, jpeg: jpeg.bytes }] : []
      await deps.mail.send({ to: [email], ...letter, pictures })
    }
    await pushed
  })
}
