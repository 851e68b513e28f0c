/**
 * A fastify app that is safe to put a route on: every answer bears the security headers, nobody
 * but the door's own page gets past the guard, and no request may be big, slow or odd.
 */
import type { ServerResponse } from 'node:http'
import { type FastifyError, type FastifyInstance, type FastifyReply, fastify } from 'fastify'
import { DoorBusy } from '../daemon/ports.ts'
import { answerToBroken } from './broken-requests.ts'
import { boundConnections, type Connections } from './connections.ts'
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

/** Hears of faults only, never of what was asked. A pino logger fits. */
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
    // An address that cannot be decoded never reaches the hooks below.
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
  closeInTime(app, connections, limits.closeWithinMs)
  return app
}

const serverOptions = (limits: HttpLimits) => ({
  bodyLimit: limits.bodyBytes,
  requestTimeout: limits.requestWithinMs,
  keepAliveTimeout: limits.idleConnectionMs,
  connectionTimeout: limits.silentConnectionMs,
  // Requests that arrive while the app closes get the door's own answer, not fastify's.
  return503OnClosing: false,
  // A machine may be too busy to build the page within fastify's ten seconds; the lock works all
  // the same, and must not stop working because of that.
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
  // A door that is busy has told the log itself why.
  const isNews = problem === 'door-busy' && !(error instanceof DoorBusy)
  if (isNews) log.error({ err: error }, 'a keypad request failed')
  return refuse(reply, problem)
}

function problemOf({ code, statusCode }: FastifyError): ProblemName {
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return 'too-large'
  return statusCode !== undefined && statusCode < 500 ? 'not-understood' : 'door-busy'
}

/** What was sent just before the app began to close has arrived by then. */
const lastWordsMs = 100

/**
 * Once the server closes, Node no longer looks for slow requests; one could keep it open for ever.
 * It would wait for those who have not asked anything yet too: browsers open connections in advance,
 * so a page at the door would hold up every restart.
 */
function closeInTime(app: FastifyInstance, connections: Connections, withinMs: number): void {
  app.addHook('preClose', (done) => {
    setTimeout(connections.dropSilent, Math.min(lastWordsMs, withinMs)).unref()
    setTimeout(() => app.server.closeAllConnections(), withinMs).unref()
    done()
  })
}
