/** The keypad page, its API, and the addresses for monitoring. It decides nothing; the caller listens. */
import type { FastifyInstance } from 'fastify'
import type { CodeAnswer, KeypadState } from '../../protocol/keypad-api.ts'
import { guardedApp, type Surroundings } from './guarded-app.ts'
import { KeypadPages, ownScreen } from './keypad-pages.ts'
import { addKeypad, sendJson } from './keypad-routes.ts'
import { defaultLimits, type HttpLimits } from './limits.ts'
import { type Metric, metricsText, metricsType } from './metrics-text.ts'
import { addPage } from './page.ts'

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
  /** Shared with the app for tablets. */
  readonly pages?: KeypadPages
  readonly limits?: Partial<HttpLimits>
}

export function buildKeypadApp({
  door,
  doorId,
  pageFolder,
  pages = new KeypadPages(),
  ...deps
}: KeypadAppDeps): FastifyInstance {
  const limits = { ...defaultLimits, ...deps.limits }
  const app = guardedApp(deps, limits)
  addMonitoring(app, door, doorId)
  const enterCode = (code: string) => door.enterCode(code)
  addKeypad(app, { door, enterCode, keypadOf: () => ownScreen, pages, limits })
  app.register((page) => addPage(page, pageFolder))
  return app
}

function addMonitoring(app: FastifyInstance, door: KeypadDoor, doorId: string | undefined): void {
  app.get('/healthz', async (_request, reply) => {
    const { ok, problems } = door.health()
    return sendJson(reply.code(ok ? 200 : 503), { ok, problems, doorId })
  })
  app.get('/metrics', async (_request, reply) =>
    reply.header('content-type', metricsType).send(metricsText(door.metrics())),
  )
}
