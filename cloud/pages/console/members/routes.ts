/** The people of a household: owners invite them, change what they may do, and remove them. */
import * as z from 'zod/mini'
import { languageSchema } from '../../../../protocol/messages/shared.ts'
import { hexId, type WebDeps } from '../../../api/shared.ts'
import { doOnce } from '../../../idempotency.ts'
import { isSameAddress, type Member, roles } from '../../../members/core/household.ts'
import {
  changeRole,
  type Invited,
  inviteMember,
  removeMember,
  signOutEverywhere,
} from '../../../members/invitations.ts'
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
import {
  type InviteProblem,
  listPage,
  memberPage,
  sessionsPage,
  type TypedInvitation,
} from './view.ts'

export const memberRoutes = (deps: WebDeps): readonly ConsoleRoute[] => [
  get('/members', 'viewer', (here) => list(deps, here)),
  post('/members/invite', 'owner', (here) => invite(deps, here)),
  post('/members/cancel', 'owner', (here) => cancel(deps, here)),
  get('/members/:id', 'owner', (here) => show(deps, here)),
  post('/members/:id/role', 'owner', (here) => setRole(deps, here)),
  post('/members/:id/sign-out', 'owner', (here) => signOut(deps, here)),
  post('/members/:id/remove', 'owner', (here) => remove(deps, here)),
  get('/sessions', 'viewer', (here) => ownSessions(deps, here)),
  post('/sessions/end', 'viewer', (here) => endSession(deps, here)),
  post('/sessions/sign-out', 'viewer', (here) => signOutSelf(deps, here)),
]

const find = (deps: WebDeps, { home, context }: Here): Promise<Member | null> =>
  deps.households.member(home.household, context.req.param('id') ?? '')

// ---------------------------------------------------------------- the list, and invitations

const nothingTyped = (here: Here): TypedInvitation => ({
  email: '',
  role: 'member',
  language: here.language,
})

async function list(
  deps: WebDeps,
  here: Here,
  typed = nothingTyped(here),
  problem: InviteProblem | null = null,
) {
  const members = await deps.households.members(here.home.household)
  const invited = (here.home.invited ?? []).filter(
    ({ email }) => !members.some((member) => isSameAddress(member.email, email)),
  )
  const [nonce, nowMs] = [deps.newId(), deps.clock.nowMs()]
  const page = listPage(here, { members, invited, typed, problem, nonce, nowMs })
  return here.context.html(page, problem ? 422 : 200)
}

const inviteSchema = z.strictObject({
  nonce: hexId,
  email: z.string().check(z.trim(), z.maxLength(300)),
  role: z.enum(roles),
  language: languageSchema,
})
const addressSchema = z.email().check(z.maxLength(254))

const dayMs = 24 * 3_600_000
/** Cognito mails 50 in a day, for all households together. */
const invitationLimits = [{ count: 10, withinMs: dayMs }]

async function invite(deps: WebDeps, here: Here) {
  const form = await formOf(here, inviteSchema)
  if (!form) return invalidIn(here)
  const { nonce, ...typed } = form
  if (!addressSchema.safeParse(typed.email).success) return list(deps, here, typed, 'address')
  const { household } = here.home
  const key = `invitations#${household}`
  let invited: Invited | 'limited' | null = null
  await doOnce(deps, `invite#${household}#${nonce}`, async () => {
    const mayInvite = await deps.idempotency.allows(key, invitationLimits, deps.clock.nowMs())
    invited = mayInvite ? await inviteMember(deps, { household, ...typed }) : 'limited'
  })
  const problem = problemOf(invited)
  return problem ? list(deps, here, typed, problem) : goTo(here, '/members')
}

function problemOf(invited: Invited | 'limited' | null): InviteProblem | null {
  if (invited === 'limited') return 'limited'
  if (invited?.outcome === 'has-joined') return 'joined'
  return invited?.outcome === 'refused' ? 'elsewhere' : null
}

const cancelSchema = z.strictObject({ email: z.string().check(z.maxLength(300)) })

async function cancel(deps: WebDeps, here: Here) {
  const form = await formOf(here, cancelSchema)
  if (!form) return invalidIn(here)
  const { household, invited = [] } = here.home
  const members = await deps.households.members(household)
  const isWaiting =
    invited.some(({ email }) => isSameAddress(email, form.email)) &&
    !members.some(({ email }) => isSameAddress(email, form.email))
  if (isWaiting) await removeMember(deps, { household, email: form.email })
  return goTo(here, '/members')
}

// ---------------------------------------------------------------- one member

async function show(deps: WebDeps, here: Here, isLastOwner = false) {
  const member = await find(deps, here)
  if (!member) return notFoundIn(here)
  const sessions = await deps.households.sessions(member.household, member.memberId)
  const page = memberPage(here, { member, sessions, isLastOwner, nowMs: deps.clock.nowMs() })
  return here.context.html(page, isLastOwner ? 409 : 200)
}

const roleSchema = z.strictObject({ role: z.enum(roles) })

async function setRole(deps: WebDeps, here: Here) {
  const form = await formOf(here, roleSchema)
  if (!form) return invalidIn(here)
  const member = await find(deps, here)
  if (!member) return notFoundIn(here)
  const changed = await changeRole(deps, member, form.role)
  return changed === 'last-owner' ? show(deps, here, true) : goTo(here, '/members')
}

async function signOut(deps: WebDeps, here: Here) {
  const member = await find(deps, here)
  if (!member) return notFoundIn(here)
  await signOutEverywhere(deps, member)
  return goTo(here, `/members/${member.memberId}`)
}

async function remove(deps: WebDeps, here: Here) {
  const member = await find(deps, here)
  if (!member) return notFoundIn(here)
  const removed = await removeMember(deps, member)
  const isLast = removed.outcome === 'refused' && removed.reason === 'last-owner'
  return isLast ? show(deps, here, true) : goTo(here, '/members')
}

// ---------------------------------------------------------------- one's own sessions

async function ownSessions(deps: WebDeps, here: Here) {
  const { household, memberId } = here.member
  const sessions = await deps.households.sessions(household, memberId)
  return here.context.html(sessionsPage(here, { sessions, nowMs: deps.clock.nowMs() }))
}

const sessionSchema = z.strictObject({ session: z.string().check(z.maxLength(100)) })

async function endSession(deps: WebDeps, here: Here) {
  const form = await formOf(here, sessionSchema)
  if (!form) return invalidIn(here)
  const { household, memberId } = here.member
  const own = await deps.households.sessions(household, memberId)
  const session = own.find((one) => one.session === form.session)
  if (session) await deps.households.endSession(household, session.session, deps.clock.nowMs())
  return goTo(here, '/sessions')
}

async function signOutSelf(deps: WebDeps, here: Here) {
  await signOutEverywhere(deps, here.member)
  return goTo(here, '/')
}
