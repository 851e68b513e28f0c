/** The page of one visit, and what a member may do with it. */
import * as z from 'zod/mini'
import { policyWith } from '../../../api/security-headers.ts'
import { hexId, type WebDeps } from '../../../api/shared.ts'
import { seesDuress } from '../../../notices/notify.ts'
import { findPeople } from '../../../visitors/core/people-search.ts'
import { subjectsIn, type Visit } from '../../../visits/core/visit.ts'
import { findVisit } from '../../../visits/find-visit.ts'
import { deleteVisit, folderOf, isOver, keepVisit } from '../../../visits/keep-visit.ts'
import { clipKey, storeClip } from '../../../visits/recording.ts'
import {
  type ConsoleRoute,
  formOf,
  get,
  goTo,
  type Here,
  invalidIn,
  notFoundIn,
  post,
} from '../console.ts'
import { peopleOf } from './shown.ts'
import { type Video, visitPage } from './visit-view.ts'
import { personKeyOf, whoPage } from './who.ts'

export const visitRoutes = (deps: WebDeps): readonly ConsoleRoute[] => {
  const of = (answer: (here: Here, visit: Visit) => Promise<Response>) => async (here: Here) => {
    const visit = await findVisit(deps, here.home, here.context.req.param('id') ?? '')
    return visit ? answer(here, visit) : notFoundIn(here)
  }
  return [
    get(
      '/visits/:id',
      'viewer',
      of((here, visit) => show(deps, here, visit)),
    ),
    post(
      '/visits/:id/recording',
      'viewer',
      of((here, visit) => prepare(deps, here, visit)),
    ),
    get(
      '/visits/:id/people/:subject',
      'owner',
      of((here, visit) => who(deps, here, visit)),
    ),
    post(
      '/visits/:id/people/:subject',
      'owner',
      of((here, visit) => correct(deps, here, visit)),
    ),
    post(
      '/visits/:id/keep',
      'owner',
      of((here, visit) => keep(deps, here, visit)),
    ),
    post(
      '/visits/:id/delete',
      'owner',
      of((here, visit) => remove(deps, here, visit)),
    ),
  ]
}

const pathOf = ({ visitId }: Visit): string => `/visits/${visitId}`

async function show(deps: WebDeps, here: Here, visit: Visit) {
  const { household } = here.home
  const requests = subjectsIn(visit).map((subject) => {
    const { doorId, visitId } = visit
    return deps.approvalRequests.find({ household, doorId, visitId, subject })
  })
  const [snapshots, people, members, video, isDuress, ...asked] = await Promise.all([
    deps.photos.list(folderOf(visit, visit.kept ? 'kept' : 'snapshots')),
    peopleOf(deps, household, [visit]),
    deps.households.members(household),
    videoOf(deps, here, visit),
    isShownAsDuress(deps, here, visit),
    ...requests,
  ])
  // Kept faces are beside the snapshots that they were cut out of.
  const keys = snapshots.map(({ key }) => key).filter((key) => /\/\d+\.jpg$/.test(key))
  return here.context.html(
    visitPage(here, {
      ...{ visit, people, members, video, isDuress, snapshots: keys.sort() },
      requests: asked.filter((request) => request !== null),
      nowMs: deps.clock.nowMs(),
    }),
  )
}

/** Only to those who were alarmed. */
const isShownAsDuress = async (deps: WebDeps, here: Here, visit: Visit): Promise<boolean> =>
  (await seesDuress(deps, here.home, here.member)) && deps.owners.credentials.isDuress(visit)

// ---------------------------------------------------------------- recording

const partNumber = z.coerce.number().check(z.int(), z.minimum(1), z.maximum(99))
const recordingSchema = z.object({
  recording: z.enum(['stored', 'nothing-there', 'too-long']),
  part: partNumber,
  parts: partNumber,
})

/** The clip that was stored a moment ago. Its address expires, so each page gets a new one. */
async function videoOf(deps: WebDeps, here: Here, visit: Visit): Promise<Video> {
  const { data } = recordingSchema.safeParse(here.context.req.query())
  if (!data) return { state: 'not-asked' }
  const { recording: state, part, parts } = data
  if (state !== 'stored') return { state, part, parts }
  const { url } = await deps.clips.link(clipKey(visit, part))
  const videoOrigin = new URL(url).origin
  here.context.header('content-security-policy', policyWith({ images: true, videoOrigin }))
  return { state, part, parts, url }
}

const partForm = z.strictObject({ part: partNumber })

async function prepare(deps: WebDeps, here: Here, visit: Visit) {
  const form = await formOf(here, partForm)
  const clip = form && (await storeClip(deps, visit, form.part))
  if (!clip) return invalidIn(here)
  const { outcome: recording, part, parts } = clip
  const query = new URLSearchParams({ recording, part: `${part}`, parts: `${parts}` })
  return goTo(here, `${pathOf(visit)}?${query}#recording`)
}

// ---------------------------------------------------------------- who it was

const searchSchema = z.catch(z._default(z.string().check(z.maxLength(60)), ''), '')

async function who(deps: WebDeps, here: Here, visit: Visit) {
  const { subject = '' } = here.context.req.param()
  const face = personKeyOf(visit, subject)
  if (face === null) return notFoundIn(here)
  const nowMs = deps.clock.nowMs()
  const search = searchSchema.parse(here.context.req.query('search'))
  const all = await deps.visitors.list(here.home.household)
  const { people } = findPeople(all, { search }, { seen: new Map(), nowMs })
  return here.context.html(whoPage(here, { visit, subject, face, search, people, nowMs }))
}

/** Empty: not the person who was recognised. */
const correction = z.strictObject({ visitorId: z.union([hexId, z.literal('')]) })

async function correct(deps: WebDeps, here: Here, visit: Visit) {
  const { subject = '' } = here.context.req.param()
  if (personKeyOf(visit, subject) === null) return notFoundIn(here)
  const form = await formOf(here, correction)
  if (!form) return invalidIn(here)
  const visitorId = form.visitorId === '' ? null : form.visitorId
  const by = here.member.email
  const isDone = await deps.owners.correctVisit(visit, { subject, visitorId, by })
  return isDone ? goTo(here, pathOf(visit)) : notFoundIn(here)
}

// ---------------------------------------------------------------- keeping and deleting

async function keep(deps: WebDeps, here: Here, visit: Visit) {
  if (!visit.kept) await keepVisit(deps, visit, here.member)
  return goTo(here, pathOf(visit))
}

async function remove(deps: WebDeps, here: Here, visit: Visit) {
  if (!isOver(visit, deps.clock.nowMs())) return goTo(here, `${pathOf(visit)}?still=here#delete`)
  await deleteVisit(deps, visit, here.member)
  return goTo(here, '/visits')
}
