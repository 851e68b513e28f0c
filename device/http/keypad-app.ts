/** The keypad page, its API, and the addresses for monitoring. It decides nothing; the caller listens. */
import { setTimeout as passing } from 'node:timers/promises'
import type { FastifyInstance, FastifyReply } from 'fastify'
import {
  bellRequestSchema,
  type CodeAnswer,
  codeRequestSchema,
  type KeypadState,
} from '../../protocol/keypad-api.ts'
import { guardedApp, type Surroundings } from './guarded-app.ts'
import { defaultLimits, type HttpLimits } from './limits.ts'
import { type Metric, metricsText, metricsType } from './metrics-text.ts'
import { addPage } from './page.ts'
import { jsonType, refuse } from './problems.ts'
import { stateEvents } from './state-events.ts'

/** The part of the daemon that is reachable over HTTP. */
export interface KeypadDoor {
  /** Rejects with `DoorBusy` if the queue is full or the disk fails. */
  enterCode(code: string): Promise<CodeAnswer>
  ringBell(): Promise<void>
  keypadState(): KeypadState
  /** Returns a function that ends it. */
  watch(listener: (state: KeypadState) => void): () => void
  /** Problems are plain sentences. */
  health(): { readonly ok: boolean; readonly problems: readonly string[] }
  metrics(): readonly Metric[]
}

export interface KeypadAppDeps extends Surroundings {
  readonly door: KeypadDoor
  /** Part of the health answer, so that it cannot be mistaken for another door's. */
  readonly doorId?: string
  readonly pageFolder: string
  readonly limits?: Partial<HttpLimits>
}

export function buildKeypadApp({
  door,
  doorId,
  pageFolder,
  ...deps
}: KeypadAppDeps): FastifyInstance {
  const limits = { ...defaultLimits, ...deps.limits }
  const app = guardedApp(deps, limits)
  addQuestions(app, door, doorId)
  addActions(app, door, limits)
  addEvents(app, door, limits)
  app.register((page) => addPage(page, pageFolder))
  return app
}

function addQuestions(app: FastifyInstance, door: KeypadDoor, doorId: string | undefined): void {
  app.get('/api/state', async (_request, reply) => sendJson(reply, door.keypadState()))
  app.get('/healthz', async (_request, reply) => {
    const { ok, problems } = door.health()
    return sendJson(reply.code(ok ? 200 : 503), { ok, problems, doorId })
  })
  app.get('/metrics', async (_request, reply) =>
    reply.header('content-type', metricsType).send(metricsText(door.metrics())),
  )
}

function addActions(app: FastifyInstance, door: KeypadDoor, limits: HttpLimits): void {
  app.post('/api/code', async (request, reply) => {
    const asked = codeRequestSchema.safeParse(request.body)
    if (!asked.success) return refuse(reply, 'not-understood')
    // Counts from the request, so that the duration of the lookup is not visible.
    const refusalDue = passing(limits.refuseCodeAfterMs, undefined, { ref: false })
    const answer = await door.enterCode(asked.data.code).catch(async (fault: unknown) => {
      await refusalDue
      throw fault
    })
    if (answer.outcome !== 'accepted') await refusalDue
    return sendAnswer(reply, answer)
  })
  app.post('/api/bell', async (request, reply) => {
    if (!bellRequestSchema.safeParse(request.body).success) return refuse(reply, 'not-understood')
    await door.ringBell()
    return reply.code(204).send()
  })
}

function sendAnswer(reply: FastifyReply, answer: CodeAnswer): FastifyReply {
  switch (answer.outcome) {
    case 'accepted':
      return sendJson(reply, answer)
    case 'denied':
      // Spelled out, so that a field added to the answer later stays inside.
      return sendJson(reply.code(403), { outcome: 'denied', pausedForMs: answer.pausedForMs })
    case 'not-opened':
      return sendJson(reply.code(503), answer)
    case 'paused':
      reply.code(429).header('retry-after', Math.ceil(answer.pausedForMs / 1000))
      return sendJson(reply, { outcome: 'paused', pausedForMs: answer.pausedForMs })
    default:
      return answer satisfies never
  }
}

const sendJson = (reply: FastifyReply, data: object): FastifyReply =>
  reply.header('content-type', jsonType).send(JSON.stringify(data))

function addEvents(app: FastifyInstance, door: KeypadDoor, limits: HttpLimits): void {
  const events = stateEvents((listener) => door.watch(listener), limits)
  app.addHook('preClose', (done) => {
    events.close()
    done()
  })
  app.get('/api/events', { exposeHeadRoute: false }, (_request, reply) => {
    // Without a socket: a pipelined request, and the one before it is still being answered.
    if (!events.hasRoom() || reply.raw.socket === null) return void refuse(reply, 'too-many-pages')
    const state = door.keypadState()
    reply.headers({ 'content-type': 'text/event-stream', connection: 'close' })
    reply.hijack()
    for (const [name, value] of Object.entries(reply.getHeaders())) {
      if (value !== undefined) reply.raw.setHeader(name, value)
    }
    events.attach(reply.raw, state)
  })
}
