/** The approval page and the API, by API Gateway. */
import { handle, type LambdaEvent } from 'hono/aws-lambda'
import { buildWeb } from '../api/app.ts'
import type { Approvals, WebDeps } from '../api/shared.ts'
import type { AnswerDeps } from '../approvals/about-request.ts'
import { answerRequest } from '../approvals/answer-request.ts'
import { showRequest } from '../approvals/show-request.ts'
import { undoDecision } from '../approvals/undo.ts'
import { type OwnersDeps, ownersCommands } from '../doors/owner-commands.ts'
import type { Uses } from '../ports.ts'
import { progressOf } from '../scans/progress.ts'
import { ring } from '../scans/ring.ts'
import { newTicket, readTicket } from '../scans/ticket.ts'

export type WebFunctionDeps = AnswerDeps &
  OwnersDeps &
  Uses<'webOrigin' | 'frontKey' | 'signIns' | 'accounts' | 'recordings' | 'clips' | 'doorStates'>

export const parts = [
  'approvalRequests',
  'visits',
  'visitors',
  'passcodes',
  'credentials',
  'calendars',
  'households',
  'household',
  'idempotency',
  'signIns',
  'accounts',
  'notices',
  'push',
  'photos',
  'recordings',
  'clips',
  'faces',
  'secrets',
  'doors',
  'introductions',
  'doorStates',
  'delayedQueue',
  'webOrigin',
  'frontKey',
] as const

export const makeHandler = (deps: WebFunctionDeps) => {
  const approvals: Approvals = {
    show: (id, asker, language) => showRequest(deps, id, asker, language),
    answer: (asked) => answerRequest(deps, asked),
    undo: (id, asker) => undoDecision(deps, id, asker),
  }
  const scans: WebDeps['scans'] = {
    ticketFor: (scanned) => newTicket(deps, scanned),
    async ring(text, by) {
      const ticket = await readTicket(deps, text)
      return ticket ? ring(deps, ticket, by) : 'too-late'
    },
    async progress(text) {
      const ticket = await readTicket(deps, text)
      return ticket ? progressOf(deps, ticket) : { at: 'not-scanned' }
    },
  }
  const web = handle(buildWeb({ ...deps, approvals, scans, owners: ownersCommands(deps) }))
  return async (...[event, context]: Parameters<typeof web>) =>
    isRepresentable(methodOf(event)) ? web(event, context) : notAllowed
}

const methodOf = ({ requestContext }: LambdaEvent): string =>
  'http' in requestContext ? requestContext.http.method : ''

/** The standard's `Request` throws for these, before any route is asked. */
const isRepresentable = (method: string): boolean => !/^(CONNECT|TRACE|TRACK)$/i.test(method)
const notAllowed = { statusCode: 405, headers: { allow: 'GET, HEAD, POST, PUT, PATCH, DELETE' } }
