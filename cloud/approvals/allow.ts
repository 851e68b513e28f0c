/** What follows when the owner allows an unknown visitor: they are put on file and get a code. */

import type { CodeOutcome } from '../passcodes/core/grant.ts'
import { issueCode } from '../passcodes/issue-code.ts'
import type { Consent, Visitor } from '../visitors/core/visitor.ts'
import { newVisitor, type VisitorFields } from '../visitors/core/visitor-form.ts'
import { type AnswerDeps, addEntryAbout, photoKeyOf, visitorIdOf } from './about-request.ts'
import type { ApprovalRequest } from './core/approval-request.ts'
import { facePhoto } from './show-request.ts'

/**
 * The photo is stored before the visitor, so that no visitor names a photo that does not exist.
 * Null when the photo of the request is gone.
 */
export async function newVisitorFor(
  deps: AnswerDeps,
  request: ApprovalRequest,
  fields: VisitorFields,
  { withPhoto, consent }: { readonly withPhoto: boolean; readonly consent: Consent },
): Promise<Visitor | null> {
  const { household } = request
  const jpeg = withPhoto ? await facePhoto(deps, request.face) : null
  if (withPhoto && !jpeg) return null
  const photo = jpeg && (await deps.photos.write(photoKeyOf(request), jpeg))
  const visitorId = visitorIdOf(request)
  const given = { household, visitorId, photo, consent: fields.remembersFace ? consent : null }
  return newVisitor({ ...given, fields, nowMs: deps.clock.nowMs() })
}

export async function sendCodeTo(
  deps: AnswerDeps,
  request: ApprovalRequest,
  visitor: Visitor,
): Promise<CodeOutcome> {
  const { visitId } = request
  const why = 'the owner allowed it'
  const onPage = request.scan !== undefined
  const { outcome } = await issueCode(deps, { door: request, visitId, visitor, why, onPage })
  if (outcome === 'limited' || outcome === 'crowded') {
    const { visitorId } = visitor
    await addEntryAbout(deps, request, { what: 'no-code', why: outcome, visitorId })
  }
  return outcome
}
