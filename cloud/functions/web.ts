/** The approval page and the API, by API Gateway. */
import { handle } from 'hono/aws-lambda'
import { type AnswerDeps, ownerAnswers } from '../owner-answers.ts'
import { type OwnersDeps, ownersWishes } from '../owners-wishes.ts'
import { buildWeb } from '../web/app.ts'
import type { WebDeps } from '../web/deps.ts'
import * as parts from '../wiring.ts'

export type WebFunctionDeps = AnswerDeps &
  OwnersDeps &
  Pick<WebDeps, 'webOrigin' | 'signIns' | 'recordings'>

export const makeHandler = (deps: WebFunctionDeps) =>
  handle(buildWeb({ ...deps, approvals: ownerAnswers(deps), owners: ownersWishes(deps) }))

const tables = parts.dynamodb()

export const handler = makeHandler({
  requests: parts.requests(tables),
  visits: parts.visits(tables),
  visitors: parts.visitors(tables),
  passcodes: parts.passcodes(tables),
  households: parts.households(tables),
  household: parts.household(tables),
  once: parts.once(tables),
  signIns: parts.signIns(),
  photos: parts.photos(),
  recordings: parts.recordings(),
  pictures: parts.pictures(),
  faces: parts.faces(),
  secrets: parts.secrets(),
  doors: parts.doors(),
  later: parts.later(),
  webOrigin: parts.webOrigin(),
  clock: parts.clock,
  newId: parts.newId,
  log: parts.log,
})
