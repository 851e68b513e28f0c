/**
 * A fastify app with the protections that every route needs: security headers on every answer, a guard
 * that admits only the door's own page, and limits on size and time.
 */
import type { ServerResponse } from 'node:http'
import { type FastifyError, type FastifyInstance, type FastifyReply, fastify } from 'fastify'
import { DoorBusy } from '../daemon/ports.ts'
import { answerToBroken } from './broken-requests.ts'
import { boundConnections } from './connections.ts'
import type { HttpLimits } from './limits.ts'
import { type ProblemName, refusal, refuse } from './problems.ts'
import { type RequestGuard, requestGuard } from './request-guard.ts'
import { type Headers, securityHeaders } from './security-headers.ts'

export interface Surroundings {
  readonly log: FaultLog
  readonly listenHost: string
  /** Other names by which browsers may address this machine, such as `door.example`. */
  readonly hostNames?: readonly string[]
  /** Origins that may show the page in a frame, such as `http://localhost:8090`. */
  readonly frameAncestors?: readonly string[]
}

/** Receives faults only, never requests. */
interface FaultLog {
  error(data: object, text: string): void
}

export function guardedApp(surroundings: Surroundings, limits: HttpLimits): FastifyInstance {
  const { log, listenHost, hostNames = [], frameAncestors = [] } = surroundings
  const headers = securityHeaders(frameAncestors)
  const guard = requestGuard(listenHost, hostNames)

  const app = fastify({
    ...serverOptions(limits),
    clientErrorHandler: answerToBroken(headers),
    // For an address that cannot be decoded, fastify does not call the hooks below.
    frameworkErrors: (_error, request, reply) => {
      reply.headers(headers)
      refuse(reply, guard(request.method, request.headers) ?? 'not-found')
    },
  })
  const connections = boundConnections(app.server, limits.connections)
  app.server.on('checkExpectation', (_request, response: ServerResponse) => {
    const { status, headers: ofBody, body } = refusal('unmet-expectation')
    response.writeHead(status, { ...headers, ...ofBody, connection: 'close' }).end(body)
  })
  app.setErrorHandler((error: FastifyError, _request, reply) => refuseFailed(error, reply, log))
  addGuard(app, guard, headers)
  closeInTime(app, connections.dropSilent, limits.closeWithinMs)
  return app
}

const serverOptions = (limits: HttpLimits) => ({
  bodyLimit: limits.bodyBytes,
  requestTimeout: limits.requestWithinMs,
  keepAliveTimeout: limits.idleConnectionMs,
  connectionTimeout: limits.silentConnectionMs,
  // Requests during closing get the door's own answer, not fastify's.
  return503OnClosing: false,
  // Building the page may take longer than fastify's ten seconds. The lock must work nevertheless.
  pluginTimeout: 0,
  http: {
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headersWithinMs,
    requestTimeout: limits.requestWithinMs,
    connectionsCheckingInterval: limits.lookForSlowEveryMs,
    // Node would answer a request without a host itself, and without our headers.
    requireHostHeader: false,
  },
})

function addGuard(app: FastifyInstance, guard: RequestGuard, headers: Headers): void {
  const methodsOf = new Map<string, string>()
  app.addHook('onRoute', ({ url, method }) => {
    methodsOf.set(url, [methodsOf.get(url) ?? [], method].flat().join(', '))
  })
  app.addHook('onRequest', (request, reply, next) => {
    reply.headers(headers)
    const problem = guard(request.method, request.headers)
    if (problem) return void refuse(reply, problem)
    if (!request.is404) return next()
    const allowed = methodsOf.get(request.url.split('?', 1)[0] ?? '')
    if (allowed === undefined) return void refuse(reply, 'not-found')
    refuse(reply.header('allow', allowed), 'wrong-method')
  })
}

function refuseFailed(error: FastifyError, reply: FastifyReply, log: FaultLog): FastifyReply {
  const problem = problemOf(error)
  // The daemon has logged the reason for `DoorBusy` already.
  const isUnexpected = problem === 'door-busy' && !(error instanceof DoorBusy)
  if (isUnexpected) log.error({ err: error }, 'a keypad request failed')
  return refuse(reply, problem)
}

function problemOf({ code, statusCode }: FastifyError): ProblemName {
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return 'too-large'
  return statusCode !== undefined && statusCode < 500 ? 'not-understood' : 'door-busy'
}

/** Requests sent just before closing have arrived by then. */
const lastRequestsMs = 100

/**
 * A closing server no longer looks for slow requests, so one could keep it open for ever. It also waits
 * for silent connections, which browsers open in advance: a page at the door would delay each restart.
 */
function closeInTime(app: FastifyInstance, dropSilent: () => void, withinMs: number): void {
  app.addHook('preClose', (done) => {
    setTimeout(dropSilent, Math.min(lastRequestsMs, withinMs)).unref()
    setTimeout(() => app.server.closeAllConnections(), withinMs).unref()
    done()
  })
}
