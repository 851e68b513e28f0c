/**
 * A fastify app with the protections that every route needs: security headers on every answer, a guard
 * that admits only the door's own page, and limits on size and time.
 */
import {
  createServer,
  type RequestListener,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http'
import { type FastifyError, type FastifyInstance, type FastifyReply, fastify } from 'fastify'
import { DoorBusy } from '../daemon/ports.ts'
import { answerToBroken } from './broken-requests.ts'
import { boundConnections } from './connections.ts'
import type { HttpLimits } from './limits.ts'
import { type ProblemName, refusal, refuse } from './problems.ts'
import { loopbackNames, type RequestGuard, requestGuard } from './request-guard.ts'
import { type Headers, securityHeaders } from './security-headers.ts'

export interface Surroundings {
  readonly log: FaultLog
  readonly listenHost: string
  /** Other names by which browsers may address this machine, such as `door.example`. */
  readonly hostNames?: readonly string[]
  /** Origins that may show the page in a frame, such as `http://localhost:8090`. */
  readonly frameAncestors?: readonly string[]
}

/** How an app meets its clients. */
interface Entrance {
  readonly log: FaultLog
  readonly guard: RequestGuard
  readonly headers: Headers
  readonly createServer: (options: ServerOptions, listener: RequestListener) => Server
}

/** Receives faults only, never requests. */
export interface FaultLog {
  error(data: object, text: string): void
}

/** For browsers on this computer. */
export function guardedApp(surroundings: Surroundings, limits: HttpLimits): FastifyInstance {
  const { log, listenHost, hostNames = [], frameAncestors = [] } = surroundings
  const guard = requestGuard([...loopbackNames, listenHost, ...hostNames])
  return appBehind({ log, guard, headers: securityHeaders(frameAncestors), createServer }, limits)
}

/** zod parses every body, so fastify need not load its own compilers: a hundred files at each start. */
const noCompiler = () => () => {
  throw new Error('No route has a schema.')
}
const withoutSchemas = {
  compilersFactory: { buildValidator: noCompiler, buildSerializer: noCompiler },
}

export function appBehind(entrance: Entrance, limits: HttpLimits): FastifyInstance {
  const { log, guard, headers } = entrance
  const app = fastify({
    bodyLimit: limits.bodyBytes,
    // Requests during closing get the door's own answer, not fastify's.
    return503OnClosing: false,
    // Building the page may take longer than fastify's ten seconds. The lock must work nevertheless.
    pluginTimeout: 0,
    serverFactory: (listener) => limitedServer(entrance, listener, limits),
    clientErrorHandler: answerToBroken(headers),
    schemaController: withoutSchemas,
    // For an address that cannot be decoded, fastify does not call the hooks below.
    frameworkErrors: (_error, request, reply) => {
      reply.headers(headers)
      refuse(reply, guard(request.raw) ?? 'not-found')
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

function limitedServer(
  { createServer: create }: Entrance,
  listener: RequestListener,
  limits: HttpLimits,
): Server {
  const server = create(
    {
      maxHeaderSize: limits.headerBytes,
      headersTimeout: limits.headersWithinMs,
      requestTimeout: limits.requestWithinMs,
      keepAliveTimeout: limits.idleConnectionMs,
      connectionsCheckingInterval: limits.lookForSlowEveryMs,
      // Node would answer a request without a host itself, and without our headers.
      requireHostHeader: false,
    },
    listener,
  )
  return server.setTimeout(limits.silentConnectionMs)
}

function addGuard(app: FastifyInstance, guard: RequestGuard, headers: Headers): void {
  const methodsOf = new Map<string, string>()
  app.addHook('onRoute', ({ url, method }) => {
    methodsOf.set(url, [methodsOf.get(url) ?? [], method].flat().join(', '))
  })
  app.addHook('onRequest', (request, reply, next) => {
    reply.headers(headers)
    const problem = guard(request.raw)
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
