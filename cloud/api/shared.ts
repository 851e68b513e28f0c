/** What all routes share: dependencies, access checks, reading requests, and refusals. */
import type { Context, MiddlewareHandler } from 'hono'
import { parseAccept } from 'hono/utils/accept'
import * as z from 'zod/mini'
import type { CloudBody, Settings } from '../../protocol/messages/cloud.ts'
import { type Language, languages } from '../../protocol/messages/shared.ts'
import type {
  AskedDecision,
  Asker,
  DecisionOutcome,
  ShownRequest,
} from '../approvals/core/approval-request.ts'
import type { UndoOutcome } from '../approvals/undo.ts'
import type { CalendarCommands } from '../calendars/owner-calendars.ts'
import type { CredentialCommands } from '../credentials/owner-credentials.ts'
import type { DoorRef } from '../doors/core/door-ref.ts'
import { type Door, type Member, mayAct, type Role, roleIn } from '../members/core/household.ts'
import type { CodeOutcome } from '../passcodes/core/grant.ts'
import type { Uses } from '../ports.ts'
import type { Progress } from '../scans/progress.ts'
import type { RingOutcome } from '../scans/ring.ts'
import type { EditingMember } from '../visitors/change-visitor.ts'
import type { EditOutcome, FormProblems, VisitorEdit } from '../visitors/core/visitor-form.ts'
import type { MergeOutcome } from '../visitors/merge-visitors.ts'
import type { ScannedBy, Visit } from '../visits/core/visit.ts'
import type { VisitCorrection } from '../visits/correct-visit.ts'

export type WebDeps = Uses<
  | 'webOrigin'
  | 'frontKey'
  | 'signIns'
  | 'accounts'
  | 'notices'
  | 'push'
  | 'households'
  | 'visitors'
  | 'visits'
  | 'photos'
  | 'recordings'
  | 'clips'
  | 'idempotency'
  | 'approvalRequests'
  | 'doorStates'
  | 'introductions'
> & {
  readonly approvals: Approvals
  readonly owners: OwnerCommands
  readonly scans: Scans
}

/** For visitors who scanned the code at the door. A ticket is the secret of one browser. */
interface Scans {
  /** Null unless the keypad shows this code now, or did a moment ago. */
  ticketFor(scanned: string): Promise<string | null>
  ring(ticket: string, by: Pick<ScannedBy, 'name' | 'language'>): Promise<RingOutcome>
  progress(ticket: string): Promise<Progress>
}

export interface Approvals {
  show(id: string, asker: Asker, language: Language): Promise<ShownRequest | null>
  answer(asked: AskedDecision): Promise<DecisionOutcome>
  undo(id: string, asker: Extract<Asker, { kind: 'member' }>): Promise<UndoOutcome>
}

/** Commands of a signed-in owner. Null when the target does not belong to their household. */
interface OwnerCommands {
  sendCode(door: DoorRef, visitorId: string): Promise<CodeOutcome | 'blocked' | null>
  /** Whether the door would accept this code right now. Changes nothing. */
  wouldAccept(door: DoorRef, code: string): Promise<boolean>
  /** The codes of a break-glass sheet. */
  sheetCodes(doorId: string, sheetId: string): Promise<readonly string[]>
  editVisitor(
    member: EditingMember,
    visitorId: string,
    edit: VisitorEdit,
  ): Promise<EditOutcome | null>
  addVisitor: OwnerCommands['editVisitor']
  mergeVisitors(household: string, keptId: string, goneId: string): Promise<MergeOutcome | null>
  changeSettings(door: DoorRef, settings: Settings): Promise<{ readonly revision: number } | null>
  /** False when the visit or the household has no such person. */
  correctVisit(visit: Visit, correction: VisitCorrection): Promise<boolean>
  readonly credentials: CredentialCommands
  readonly calendars: CalendarCommands
  /** False when the door has not declared that it supports this. */
  command(doorId: string, body: CloudBody, id: string): Promise<boolean>
}

export interface ApiEnv {
  Variables: { member: Member }
}
export type ApiContext = Context<ApiEnv>

// ---------------------------------------------------------------- access

export const ownersOnly = (deps: WebDeps) =>
  only(deps, 'owner', { problem: 'owners-only', sentence: 'Only an owner may do that.' })

export const notViewers = (deps: WebDeps) =>
  only(deps, 'member', { problem: 'viewer', sentence: 'You may look, but not open the door.' })

function only(
  { households }: WebDeps,
  role: Role,
  refusal: { readonly problem: string; readonly sentence: string },
): MiddlewareHandler<ApiEnv> {
  return async (context, next) => {
    const member = context.get('member')
    const home = await households.find(member.household)
    if (home && mayAct(roleIn(home, member), role)) return next()
    return context.json(refusal, 403)
  }
}

/** Null when the household has no such door. */
export async function doorOf(
  { households }: WebDeps,
  { household }: Member,
  doorId: string,
): Promise<Door | null> {
  const doors = (await households.find(household))?.doors ?? []
  return doors.find((door) => door.doorId === doorId) ?? null
}

// ---------------------------------------------------------------- reading a request

export const hexId = z.string().check(z.regex(/^[0-9a-f]{32}$/))

type Read<T> =
  | { readonly ok: true; readonly data: T }
  | { readonly ok: false; readonly field: string }

export async function bodyOf<T extends z.ZodMiniType>(
  context: Context,
  schema: T,
): Promise<Read<z.infer<T>>> {
  return read(schema, await context.req.json().catch(() => undefined))
}

export const queryOf = <T extends z.ZodMiniType>(context: Context, schema: T): Read<z.infer<T>> =>
  read(schema, context.req.query())

function read<T extends z.ZodMiniType>(schema: T, value: unknown): Read<z.infer<T>> {
  const result = z.safeParse(schema, value)
  if (result.success) return { ok: true, data: result.data }
  const [issue] = result.error.issues
  return { ok: false, field: issue ? fieldOf(issue) : '' }
}

const longestField = 60

/** Empty if the whole is not a list of fields. */
function fieldOf(issue: z.core.$ZodIssue): string {
  const unknown = issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : []
  return [...issue.path, ...unknown].map(String).join('.').slice(0, longestField)
}

export const languageOf = (context: Context): Language =>
  languageFrom(context.req.header('accept-language'))

/** The supported language that the browser prefers. */
export function languageFrom(acceptLanguage = ''): Language {
  for (const { type, q } of parseAccept(acceptLanguage.slice(0, 200))) {
    const language = languages.find((one) => one === type.toLowerCase().split('-')[0])
    if (language && q > 0) return language
  }
  return 'en'
}

// ---------------------------------------------------------------- refusals

/** The same for what does not exist and for what belongs to another household. */
export const notFound = (context: Context) =>
  context.json({ problem: 'not-found', sentence: 'There is nothing here.' }, 404)

/** Names the field, never its value. */
export const invalid = (context: Context, { field }: { readonly field: string }) =>
  context.json(
    { problem: 'invalid', sentence: 'This request is not valid.', ...(field !== '' && { field }) },
    400,
  )

export const invalidFields = (context: Context, problems: FormProblems) =>
  context.json({ problem: 'invalid', sentence: 'Some fields are not valid.', problems }, 422)
