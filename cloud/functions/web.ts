/** The approval page and the API, by API Gateway. */
import { handle } from 'hono/aws-lambda'
import { type ApprovalDeps, approvals } from '../approvals.ts'
import { type OwnersDeps, ownersWishes } from '../owners-wishes.ts'
import type { SignIns } from '../ports.ts'
import { buildWeb } from '../web/app.ts'
import * as parts from '../wiring.ts'

export type WebFunctionDeps = ApprovalDeps & OwnersDeps & { readonly signIns: SignIns }

export const makeHandler = (deps: WebFunctionDeps) =>
  handle(buildWeb({ ...deps, approvals: approvals(deps), owners: ownersWishes(deps) }))

export const handler = makeHandler({
  requests: parts.requests(),
  visits: parts.visits(),
  visitors: parts.visitors(),
  passcodes: parts.passcodes(),
  households: parts.households(),
  household: parts.household(),
  once: parts.once(),
  signIns: parts.signIns(),
  photos: parts.photos(),
  pictures: parts.pictures(),
  faces: parts.faces(),
  secrets: parts.secrets(),
  doors: parts.doors(),
  mail: parts.mail(),
  later: parts.later(),
  webOrigin: parts.webOrigin(),
  clock: parts.clock,
  newId: parts.newId,
  log: parts.log,
})
