/** From the start of a door until its first accepted code. */
import { once } from 'node:events'
import { startBareServer } from '../peers/bare-server.ts'
import { type BenchDoor, benchDoor } from '../support/bench-door.ts'
import { median } from '../support/figures.ts'
import { type Row, rowOf } from '../support/row.ts'
import type { StartedServer } from '../support/started-server.ts'
import type { Workshop } from '../support/workshop.ts'

const full = { starts: 15 }
const quick = { starts: 2 }

const limitMs = 1_000

export async function benchColdStart(workshop: Workshop): Promise<Row[]> {
  const { starts } = workshop.quick ? quick : full
  workshop.say(`start: ${starts} starts after a first one`)
  const door = await benchDoor(workshop, { known: [{ codes: starts + 1 }] })
  // The very first start has no compile cache.
  const env = { NODE_COMPILE_CACHE: workshop.folder('compiled') }
  const [firstCode = '', ...codes] = door.codes.flat()
  const first = await letIn(door, env, firstCode)
  const samples = { accepted: [] as number[], opened: [] as number[], bare: [] as number[] }
  for (const code of codes) {
    const { acceptedMs, openedMs } = await letIn(door, env, code)
    samples.accepted.push(acceptedMs)
    samples.opened.push(openedMs)
    const bare = await startBareServer(workshop)
    samples.bare.push(await firstAnswerMs(bare, code))
    await bare.stop()
  }
  await door.close()
  return [
    rowOf({
      row: 'cold start to first accepted code',
      unit: 'ms',
      ours: median(samples.accepted),
      peer: limitMs,
      peerIs: 'limit',
      figures: {
        starts,
        longestMs: Math.max(...samples.accepted),
        lockOpenMs: median(samples.opened),
        firstEverStartMs: first.acceptedMs,
        bareServerMs: median(samples.bare),
      },
    }),
  ]
}

async function letIn(door: BenchDoor, env: NodeJS.ProcessEnv, code: string) {
  const opened = once(door.home.events, 'lock').then(() => performance.now())
  const started = door.start(env)
  const acceptedMs = await firstAnswerMs(started, code)
  const openedMs = (await opened) - started.startedAtMs
  const closed = once(door.home.events, 'lock')
  await started.stop()
  await closed
  return { acceptedMs, openedMs }
}

async function firstAnswerMs(started: StartedServer, code: string): Promise<number> {
  const client = await started.connected()
  const { status, body } = await client.post('/api/code', { code })
  const tookMs = performance.now() - started.startedAtMs
  if (status !== 200) throw new Error(`the first code got ${status} ${body}`)
  client.close()
  return tookMs
}
