/** The approval page and the API, by API Gateway. */
import { handle } from 'hono/aws-lambda'
import { buildWeb } from '../api/app.ts'
import type { WebDeps } from '../api/shared.ts'
import { type AnswerDeps, ownerAnswers } from '../approvals/owner-answers.ts'
import { type OwnersDeps, ownersWishes } from '../doors/owner-commands.ts'
import { picturesJpeg } from '../jpeg/pictures.ts'
import { clock, log, newId, webOrigin } from '../wiring/basics.ts'
import { clips } from '../wiring/clips.ts'
import { doors } from '../wiring/doors.ts'
import { faces } from '../wiring/faces.ts'
import { later } from '../wiring/later.ts'
import { photos } from '../wiring/photos.ts'
import { recordings } from '../wiring/recordings.ts'
import { secrets } from '../wiring/secrets.ts'
import { signIns } from '../wiring/sign-ins.ts'
import {
  dynamodb,
  household,
  households,
  once,
  passcodes,
  requests,
  visitors,
  visits,
} from '../wiring/tables.ts'

export type WebFunctionDeps = AnswerDeps &
  OwnersDeps &
  Pick<WebDeps, 'webOrigin' | 'signIns' | 'recordings' | 'clips'>

export const makeHandler = (deps: WebFunctionDeps) =>
  handle(buildWeb({ ...deps, approvals: ownerAnswers(deps), owners: ownersWishes(deps) }))

const tables = dynamodb()

export const handler = makeHandler({
  requests: requests(tables),
  visits: visits(tables),
  visitors: visitors(tables),
  passcodes: passcodes(tables),
  households: households(tables),
  household: household(tables),
  once: once(tables),
  signIns: signIns(),
  photos: photos(),
  recordings: recordings(),
  clips: clips(),
  pictures: picturesJpeg(),
  faces: faces(),
  secrets: secrets(),
  doors: doors(),
  later: later(),
  webOrigin: webOrigin(),
  clock,
  newId,
  log,
})
