/**
 * The whole daemon with a network camera, ffmpeg and the stand-in for AWS: snapshots and recordings
 * arrive in the cloud, live views too, and codes are judged whatever happens to the camera.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod/mini'
import { jpegSize } from '../../../device/camera/drivers/mjpeg-frames.ts'
import { type AwsServer, startAws } from '../../../simulation/aws/server.ts'
import { programsOf } from '../../support/child-programs.ts'
import { type RunningDoor, runDoor } from '../../support/door/running-door.ts'
import { type SceneCamera, startSceneCamera } from '../../support/video/scene-camera.ts'

const bucket = 'pictures-of-the-door'
const healthSchema = z.object({ problems: z.array(z.string()) })
const keys = { accessKeyId: 'test', secretAccessKey: 'test' }

let scene: SceneCamera
let standIn: AwsServer
let door: RunningDoor
const arrivals: { readonly key: string; readonly atMs: number }[] = []

beforeAll(async () => {
  scene = await startSceneCamera()
  standIn = await startAws({
    buckets: [bucket],
    videoStreams: ['test-door'],
    onObjectCreated({ Records }) {
      const atMs = performance.now()
      arrivals.push(...Records.map(({ s3 }) => ({ key: decodeURIComponent(s3.object.key), atMs })))
    },
  })
  door = await runDoor({ startNow: false })
  configure({
    camera: { driver: 'ffmpeg', device: scene.url, widthPx: 640, heightPx: 360 },
    uploads: { region: standIn.region, bucket, endpoint: standIn.url },
    recording: { stream: true },
    visit: { leftAfterMs: 1_000 },
  })
  await door.start()
})
afterAll(async () => {
  await door?.close()
  await standIn?.close()
  await scene?.close()
})

function configure(more: object): void {
  const config = JSON.parse(readFileSync(door.configPath, 'utf8'))
  const simulator = { ...config.simulator, awsKeys: keys }
  writeFileSync(door.configPath, JSON.stringify({ ...config, ...more, simulator }))
}

const fragments = () => standIn.video.stream('test-door').fragments
const encoders = () => programsOf(door.pid()).filter(({ words }) => words.includes('libx264'))
const camera = () =>
  programsOf(door.pid()).filter(({ words }) => words.includes('pipe:3') && words[0] === 'ffmpeg')

test('a few snapshots and the recording of a visit arrive, and nothing before it', async () => {
  await expect.poll(scene.watchers).toBe(1)
  // The detector has to learn the background first.
  const until = scene.sent() + 30
  await expect.poll(scene.sent).toBeGreaterThan(until)
  expect(standIn.calls).toEqual([])
  const enteredAt = await scene.visitorArrives()
  await expect.poll(() => arrivals.length).toBeGreaterThan(0)
  const [first] = arrivals
  expect((first?.atMs ?? Infinity) - enteredAt).toBeLessThan(10_000)
  const { visitId = '' } = door.home.cloud.visit ?? {}
  expect(first?.key.startsWith(`snapshots/test-door/${visitId}/`)).toBe(true)
  const stored = standIn.bucket(bucket).get(first?.key ?? '')
  expect(stored?.metadata).toEqual({ 'visit-number': '1' })
  expect(jpegSize(stored?.bytes ?? new Uint8Array())).toEqual({ widthPx: 640, heightPx: 360 })
  expect(stored?.bytes.length).toBeLessThanOrEqual(100_000)

  await expect.poll(() => fragments().length).toBeGreaterThan(2)
  expect(fragments().every(({ tags }) => tags['VISIT_ID'] === visitId)).toBe(true)
  expect(standIn.video.findings).toEqual([])
})

let requests = 0
function watch(forMs: number): void {
  requests += 1
  const nonce = String(requests).padStart(32, 'a')
  const expiresAtMs = Date.now() + 10_000
  door.home.cloud.send({ type: 'watch-live', nonce, expiresAtMs, by: 'the owner', forMs })
}

test('a door without a visitor records during a live view, and stops on request or after its time', async () => {
  await expect.poll(scene.watchers).toBe(1)
  const until = scene.sent() + 10
  await expect.poll(scene.sent).toBeGreaterThan(until)
  await expect.poll(() => door.home.cloud.visit).toBeNull()
  await expect.poll(encoders).toEqual([])
  // The end of a visit's recording may still arrive.
  const live = () => fragments().filter(({ tags }) => Object.keys(tags).length === 0)
  expect(live()).toEqual([])
  watch(300_000)
  await expect.poll(() => live().length).toBeGreaterThan(1)
  watch(0)
  await expect.poll(encoders).toEqual([])
  const before = live().length
  watch(3_000)
  await expect.poll(encoders).toHaveLength(1)
  // No command ends this one.
  await expect.poll(encoders).toEqual([])
  await expect.poll(() => live().length).toBeGreaterThan(before)
  expect(standIn.video.findings).toEqual([])
  expect(door.home.cloud.visit).toBeNull()
})

describe('codes are judged', () => {
  const judged = async () => {
    const startedAt = performance.now()
    expect(await door.enter('000000')).toMatchObject({ outcome: expect.any(String) })
    expect(performance.now() - startedAt).toBeLessThan(5_000)
  }

  test.each(['SIGKILL', 'SIGSTOP'] as const)(
    'while the camera program gets a %s',
    async (signal) => {
      await expect.poll(camera).toHaveLength(1)
      const [before] = camera()
      process.kill(before?.pid ?? 0, signal)
      for (let times = 0; times < 3; times += 1) await judged()
      await expect.poll(() => camera()[0]?.pid ?? before?.pid).not.toBe(before?.pid)
      await expect.poll(scene.watchers).toBe(1)
    },
  )

  test('while the camera sends garbage, and it recovers afterwards', async () => {
    scene.garbage(true)
    const until = scene.sent() + 30
    while (scene.sent() < until) await judged()
    scene.garbage(false)
    const more = scene.sent() + 20
    await expect.poll(scene.sent).toBeGreaterThan(more)
    await expect.poll(camera).toHaveLength(1)
  })

  test('without a camera, which is reported', async () => {
    await scene.close()
    for (let times = 0; times < 3; times += 1) await judged()
    const { problems } = healthSchema.parse(await (await fetch(`${door.url()}/healthz`)).json())
    expect(problems).toEqual([expect.stringContaining('camera')])
  })
})
