/**
 * The keypad page for paired tablets, over TLS. A stranger gets the page on which a tablet is paired,
 * and nothing else.
 */
import { Server } from 'node:https'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import * as z from 'zod/mini'
import type { CodeAnswer } from '../../../protocol/keypad-api.ts'
import { appBehind, type FaultLog } from '../guarded-app.ts'
import type { KeypadDoor } from '../keypad-app.ts'
import type { KeypadPages } from '../keypad-pages.ts'
import { addKeypad, type KeypadRoutes } from '../keypad-routes.ts'
import { addPage } from '../page.ts'
import { refuse } from '../problems.ts'
import { securityHeaders } from '../security-headers.ts'
import { Peers, peerOf } from './peers.ts'
import { cookieFor, secretIn } from './secret-cookie.ts'
import { pairingCode, pairingPage, TabletGuard } from './tablet-guard.ts'
import { defaultTabletLimits, type TabletLimits } from './tablet-limits.ts'
import { renewTls, type TlsIdentity, tlsServer } from './tls-server.ts'
import { Turns } from './turns.ts'

export interface Tablet {
  readonly id: string
  readonly name: string
}

export interface Tablets {
  bySecret(secret: string): Tablet | null
  has(id: string): boolean
  /** The secret of the new tablet; null if the code is not the one that the owner was given. */
  pair(code: string, peer: string): { readonly secret: string } | null
}

export interface TabletAppDeps {
  readonly door: KeypadDoor
  readonly tablets: Tablets
  readonly identity: TlsIdentity
  /** By which tablets may address this computer. */
  readonly names: readonly string[]
  readonly pages: KeypadPages
  readonly pageFolder: string
  readonly log: FaultLog & { info(data: object, text: string): void }
  readonly limits?: Partial<TabletLimits>
  /** Of a clock that runs evenly. */
  readonly nowMs?: () => number
}

export interface TabletApp {
  readonly app: FastifyInstance
  renew(identity: TlsIdentity): void
  /** Call it when a tablet may have been removed: it loses its connections. */
  closeRemoved(): void
}

export function buildTabletApp(deps: TabletAppDeps): TabletApp {
  const { tablets, log, nowMs = () => performance.now() } = deps
  const limits = { ...defaultTabletLimits, ...deps.limits }
  const peers = new Peers(limits, nowMs)
  const guard = new TabletGuard({ ...deps, peers, limits, nowMs })
  const createServer = tlsServer(deps.identity, peers, limits)
  const headers = securityHeaders([])
  const app = appBehind({ log, headers, createServer, guard: guard.check }, limits)
  addFirstPage(app, guard)
  addPairing(app, tablets)
  addKeypad(app, { ...turnsOf(deps, guard, nowMs), limits })
  app.register((page) => addPage(page, deps.pageFolder))
  return {
    app,
    renew: (identity) => {
      if (app.server instanceof Server) renewTls(app.server, identity)
    },
    closeRemoved: () => peers.closeUnless(tablets.has),
  }
}

function addFirstPage(app: FastifyInstance, guard: TabletGuard): void {
  app.addHook('onRequest', (request, reply, next) => {
    if (request.routeOptions.url !== '/') return next()
    const secret = secretIn(request.headers)
    if (secret === null || !guard.tabletOf(request.raw))
      return void reply.redirect(pairingPage, 303)
    // Browsers keep it for 400 days at most, so it is sent again each time.
    reply.header('set-cookie', cookieFor(secret))
    next()
  })
}

const pairingSchema = z.strictObject({ code: z.string().check(z.maxLength(20)) })

function addPairing(app: FastifyInstance, tablets: Tablets): void {
  app.post(pairingCode, async (request, reply) => {
    const asked = pairingSchema.safeParse(request.body)
    if (!asked.success) return refuse(reply, 'not-understood')
    const paired = tablets.pair(asked.data.code, peerOf(request.socket.remoteAddress))
    if (!paired) return refuse(reply, 'wrong-pairing-code')
    return reply.code(204).header('set-cookie', cookieFor(paired.secret)).send()
  })
}

/** Codes of tablets take the way of all codes, each in its turn. */
function turnsOf(
  { door, pages, log }: TabletAppDeps,
  guard: TabletGuard,
  nowMs: () => number,
): Omit<KeypadRoutes, 'limits'> {
  const turns = new Turns(pages.hasOthersThan)
  door.watch((state) => turns.saw(state, nowMs()))
  // The guard admits no other request as far as here.
  const keypadOf = ({ raw }: FastifyRequest): string => guard.tabletOf(raw)?.id ?? ''
  async function enterCode(code: string, request: FastifyRequest): Promise<CodeAnswer> {
    const tablet = keypadOf(request)
    const pausedForMs = turns.waitMs(tablet, nowMs())
    if (pausedForMs > 0) return { outcome: 'paused', pausedForMs: Math.ceil(pausedForMs) }
    const answer = await door.enterCode(code)
    turns.answered(tablet, answer, nowMs())
    // The row of the door's own log says what was decided, this one at which tablet.
    log.info({ tablet, outcome: answer.outcome }, 'code typed at a tablet')
    return answer
  }
  return { door, pages, keypadOf, enterCode }
}
