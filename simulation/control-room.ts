/**
 * The page on which one person plays everybody: who stands at the door, the owner, the network and
 * the mains.
 */
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { guardedApp } from '../device/http/guarded-app.ts'
import { defaultLimits } from '../device/http/limits.ts'
import { addPage } from '../device/http/page.ts'
import { controlEvents } from './control-events.ts'
import type { ControlRoomState } from './control-room-state.ts'
import { addControls } from './controls.ts'
import type { DoorProcess } from './door-process.ts'
import type { SimulatedHome } from './simulated-home.ts'
import { doorEntry, lockSentence, Timeline } from './timeline.ts'

export interface ControlRoomDeps {
  readonly home: SimulatedHome
  readonly door: Pick<DoorProcess, 'powerCut' | 'events'>
  readonly keypadUrl: string
}

const pageFolder = fileURLToPath(new URL('page', import.meta.url))
/** All pages of this project share it. */
const familyStyle = new URL('../keypad-ui/family.css', import.meta.url)

/** Returns an app that does not listen yet. */
export async function buildControlRoom(deps: ControlRoomDeps): Promise<FastifyInstance> {
  const { home, door, keypadUrl } = deps
  const log = { error: (data: object, text: string) => console.error(text, data) }
  const app = guardedApp({ log, listenHost: '127.0.0.1' }, defaultLimits)
  const timeline = new Timeline()
  let keypadReady = false
  const state = () => stateOf(home, timeline, keypadReady ? keypadUrl : null)
  const events = controlEvents(state)

  follow(home, timeline, events.changed)
  door.events.once('ready', () => {
    keypadReady = true
    events.changed()
  })
  addControls(app, {
    home,
    door,
    note(sentence) {
      timeline.add({ atMs: Date.now(), who: 'you', sentence })
      events.changed()
    },
  })
  app.get('/api/state', async () => state())
  app.get('/api/timeline', async () => timeline.entries)
  app.get('/api/events', { exposeHeadRoute: false }, (_request, reply) => events.attach(reply))
  app.addHook('preClose', async () => events.close())
  app.addHook('onRequest', async (_request, reply) => allowFrame(reply, keypadUrl))
  const style = await readFile(familyStyle)
  app.get('/family.css', async (_request, reply) => reply.type('text/css').send(style))
  await addPage(app, pageFolder)
  return app
}

/** The keypad page is the one thing from elsewhere that this page shows. */
function allowFrame(reply: FastifyReply, keypadUrl: string): void {
  const policy = String(reply.getHeader('content-security-policy'))
  reply.header('content-security-policy', `${policy}; frame-src ${new URL(keypadUrl).origin}`)
}

function stateOf(home: SimulatedHome, timeline: Timeline, keypad: string | null): ControlRoomState {
  return {
    door: {
      lock: home.lockState(),
      contactOpen: home.contactOpen(),
      running: home.daemonThere(),
      online: home.linkUp(),
      visit: home.cloud.visit && { number: home.cloud.visit.number },
    },
    somebodyThere: home.somebodyThere(),
    networkUp: home.networkUp(),
    texts: home.cloud.texts.map(({ atMs, to, text }) => ({ atMs, to, text })).reverse(),
    timeline: timeline.entries.toReversed(),
    urls: { keypad },
  }
}

function follow({ cloud, events }: SimulatedHome, timeline: Timeline, changed: () => void): void {
  cloud.events.on('message', (message) => {
    timeline.add(doorEntry(message, Date.now(), (visitorId) => cloud.nameOf(visitorId)))
    changed()
  })
  cloud.events.on('text', ({ atMs, to }) => {
    timeline.add({ atMs, who: 'cloud', sentence: `${to} was texted a one-time code.` })
    changed()
  })
  events.on('lock', (change) => {
    timeline.add({ atMs: change.atMs, who: 'lock', sentence: lockSentence(change) })
    changed()
  })
  events.on('daemon', changed)
  events.on('link', changed)
  events.on('contact', changed)
}
