/**
 * The page on which one person plays every role: visitors, owner, network and power. The same through
 * an HTTP API, for scripts.
 */
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { FastifyInstance, FastifyReply } from 'fastify'
import * as z from 'zod/mini'
import { guardedApp } from '../../device/http/guarded-app.ts'
import { defaultLimits } from '../../device/http/limits.ts'
import { addPage } from '../../device/http/page.ts'
import { stripTypes } from '../../device/http/strip-types.ts'
import type { SentMail } from '../aws/ses.ts'
import type { Home } from '../home/home.ts'
import { pictureUrl } from '../home/home-state.ts'
import { personId, portraitOf } from '../scenes/scene.ts'
import { addControls } from './controls.ts'
import { controlEvents } from './events.ts'

interface ControlRoomDeps {
  /** A new one after a reset. */
  readonly home: () => Home
  readonly reset: () => Promise<void>
  readonly keypadUrl: string
}

export interface ControlRoom {
  /** Does not listen yet. */
  readonly app: FastifyInstance
  readonly changed: () => void
}

const pageFolder = fileURLToPath(new URL('page', import.meta.url))
/** The style that all pages of this project share. */
const familyStyle = new URL('../../keypad-ui/family.css', import.meta.url)
/** The player of live video, which the console's page has too. */
const livePlayer = new URL('../../cloud/pages/console/browser/follow-live.ts', import.meta.url)
/** Skipping time takes long, and only this machine can send requests. */
const limits = { ...defaultLimits, requestWithinMs: 120_000, silentConnectionMs: 120_000 }

export async function buildControlRoom(deps: ControlRoomDeps): Promise<ControlRoom> {
  const { home, keypadUrl } = deps
  const log = { error: (data: object, text: string) => console.error(text, data) }
  const app = guardedApp({ log, listenHost: '127.0.0.1' }, limits)
  const events = controlEvents(() => home().pageState())
  allowEmptyBodies(app)
  addControls(app, deps)
  app.get('/api/state', async () => home().state())
  app.get('/api/timeline', async () => home().timeline.entries)
  app.get('/api/events', { exposeHeadRoute: false }, (_request, reply) => events.attach(reply))
  app.addHook('preClose', async () => events.close())
  app.addHook('onRequest', async (_request, reply) => allowFrames(reply, keypadUrl))
  addPictures(app, home)
  addMails(app, home)
  addRecordings(app, home)
  app.get('/owner', async (_request, reply) => reply.redirect(await home().ownersConsole()))
  const style = await readFile(familyStyle)
  app.get('/family.css', async (_request, reply) => reply.type('text/css').send(style))
  const [player] = await stripTypes([await readFile(livePlayer, 'utf8')])
  // Where the browser looks for what recording.ts imports.
  app.get('/cloud/pages/console/browser/follow-live.ts', async (_request, reply) =>
    reply.type('text/javascript').send(player),
  )
  await addPage(app, pageFolder)
  return { app, changed: events.changed }
}

/** Lets `curl -X POST` send a content type without a body. */
function allowEmptyBodies(app: FastifyInstance): void {
  app.removeContentTypeParser('application/json')
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'string' },
    async (_request: unknown, body: unknown) => {
      try {
        return body === '' ? {} : JSON.parse(String(body))
      } catch {
        // The control's schema refuses it.
        return null
      }
    },
  )
}

/**
 * The page shows the keypad page and mails in frames. It fetches recordings, and the live view from
 * the stand-in for Kinesis Video, which has another port after a reset.
 */
function allowFrames(reply: FastifyReply, keypadUrl: string): void {
  const usual = String(reply.getHeader('content-security-policy'))
  const policy = usual.replace("connect-src 'self'", '$& http://127.0.0.1:*')
  const frames = `frame-src 'self' ${new URL(keypadUrl).origin}`
  reply.header('content-security-policy', `${policy}; ${frames}; media-src blob:`)
}

// ---------------------------------------------------------------- pictures

const portraitSchema = z.object({ file: z.string().check(z.regex(/^[\w .-]{1,40}\.jpg$/)) })

function addPictures(app: FastifyInstance, home: () => Home): void {
  const portraits = new Map<string, Buffer>()
  app.get('/camera.jpg', async (_request, reply) => {
    const picture = home().scene.picture()
    if (!picture) return notFound(reply, 'The camera shows nothing.')
    return reply.type('image/jpeg').send(Buffer.from(picture.jpeg))
  })
  app.get('/people/:file', async (request, reply) => {
    const id = portraitSchema.safeParse(request.params).data?.file.slice(0, -'.jpg'.length)
    if (id === undefined || !personId.test(id)) return notFound(reply, 'There is no such person.')
    const portrait = portraits.get(id) ?? Buffer.from(portraitOf(id))
    if (portraits.size < mostPortraits) portraits.set(id, portrait)
    return reply.type('image/jpeg').send(portrait)
  })
}

const mostPortraits = 50

// ---------------------------------------------------------------- mails

const mailSchema = z.object({ id: z.string(), name: z.optional(z.string()) })

/** As in mail programs: no scripts, no external content, links open in a new window. */
const mailPolicy = [
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  "img-src 'self'",
  "frame-ancestors 'self'",
  "form-action 'none'",
].join('; ')

function addMails(app: FastifyInstance, home: () => Home): void {
  const find = (params: unknown) => {
    const { id, name } = mailSchema.safeParse(params).data ?? {}
    return {
      mail: home()
        .inbox.mails()
        .find(({ messageId }) => messageId === id),
      name,
    }
  }
  app.get('/mail/:id', async (request, reply) => {
    const { mail } = find(request.params)
    if (!mail) return notFound(reply, 'There is no such mail.')
    reply.header('content-security-policy', mailPolicy)
    return reply.type('text/html; charset=utf-8').send(rendered(mail))
  })
  app.get('/mail/:id/:name', async (request, reply) => {
    const { mail, name } = find(request.params)
    const picture = mail?.attachments.find(({ fileName }) => fileName === name)
    if (!picture) return notFound(reply, 'There is no such picture.')
    return reply.type(picture.contentType).send(Buffer.from(picture.bytes))
  })
}

function rendered({ messageId, html, attachments }: SentMail): string {
  const shown = attachments.reduce(
    (page, { contentId, fileName }) =>
      page.replaceAll(`cid:${contentId}`, pictureUrl(messageId, fileName)),
    html ?? '',
  )
  return shown.replace('<head>', '<head><base target="_blank">')
}

// ---------------------------------------------------------------- recordings

const recordingSchema = z.object({ id: z.string().check(z.regex(/^[0-9a-f]{32}$/)) })

function addRecordings(app: FastifyInstance, home: () => Home): void {
  app.get('/api/recording/:id', async (request, reply) => {
    const { data } = recordingSchema.safeParse(request.params)
    if (!data) return notFound(reply, 'There is no such visit.')
    return forward(reply, await home().recording(data.id))
  })
  app.get('/api/live', async (_request, reply) => forward(reply, await home().live()))
}

async function forward(reply: FastifyReply, answer: Response): Promise<FastifyReply> {
  const type = answer.headers.get('content-type') ?? 'application/json'
  return reply
    .code(answer.status)
    .type(type)
    .send(Buffer.from(await answer.arrayBuffer()))
}

const notFound = (reply: FastifyReply, sentence: string): FastifyReply =>
  reply.code(404).send({ problem: 'not-found', sentence })
