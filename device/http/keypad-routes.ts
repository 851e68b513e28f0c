/** The API of the keypad page. It decides nothing. */
import { setTimeout as passing } from 'node:timers/promises'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { renderSVG } from 'uqr'
import { bellRequestSchema, type CodeAnswer, codeRequestSchema } from '../../protocol/keypad-api.ts'
import type { KeypadDoor } from './keypad-app.ts'
import type { KeypadPages } from './keypad-pages.ts'
import type { HttpLimits } from './limits.ts'
import { jsonType, refuse } from './problems.ts'
import { stateEvents } from './state-events.ts'

export interface KeypadRoutes {
  readonly door: Pick<KeypadDoor, 'ringBell' | 'keypadState' | 'watch'>
  readonly enterCode: (code: string, request: FastifyRequest) => Promise<CodeAnswer>
  /** Which keypad the request is from. */
  readonly keypadOf: (request: FastifyRequest) => string
  readonly pages: KeypadPages
  readonly limits: HttpLimits
}

export function addKeypad(app: FastifyInstance, routes: KeypadRoutes): void {
  const { door } = routes
  app.get('/api/state', async (_request, reply) => sendJson(reply, door.keypadState()))
  addScan(app, routes)
  addActions(app, routes)
  addEvents(app, routes)
}

/** The QR code as it is now. */
function addScan(app: FastifyInstance, { door }: KeypadRoutes): void {
  app.get('/api/scan.svg', async (_request, reply) => {
    const { scan } = door.keypadState()
    if (scan === null) return refuse(reply, 'not-found')
    // Phones expect the light border of two modules or more, at night too.
    return reply.header('content-type', 'image/svg+xml').send(renderSVG(scan, { border: 2 }))
  })
}

function addActions(app: FastifyInstance, { door, enterCode, limits }: KeypadRoutes): void {
  app.post('/api/code', async (request, reply) => {
    const asked = codeRequestSchema.safeParse(request.body)
    if (!asked.success) return refuse(reply, 'not-understood')
    // Counts from the request, so that the duration of the lookup is not visible.
    const refusalDue = passing(limits.refuseCodeAfterMs, undefined, { ref: false })
    const answer = await enterCode(asked.data.code, request).catch(async (fault: unknown) => {
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

export const sendJson = (reply: FastifyReply, data: object): FastifyReply =>
  reply.header('content-type', jsonType).send(JSON.stringify(data))

function addEvents(app: FastifyInstance, { door, keypadOf, pages, limits }: KeypadRoutes): void {
  const events = stateEvents((listener) => door.watch(listener), limits)
  app.addHook('preClose', (done) => {
    events.close()
    done()
  })
  app.get('/api/events', { exposeHeadRoute: false }, (request, reply) => {
    // Without a socket: a pipelined request, and the one before it is still being answered.
    if (!events.hasRoom() || reply.raw.socket === null) return void refuse(reply, 'too-many-pages')
    const state = door.keypadState()
    reply.headers({ 'content-type': 'text/event-stream', connection: 'close' })
    reply.hijack()
    for (const [name, value] of Object.entries(reply.getHeaders())) {
      if (value !== undefined) reply.raw.setHeader(name, value)
    }
    pages.add(keypadOf(request), reply.raw, limits.watchersOfKeypad)
    events.attach(reply.raw, state)
  })
}
