/**
 * The live view, with the whole daemon and a network camera without a visitor: it records while an
 * owner watches, to an end that can be played, and no longer.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AwsServer, startAws } from '../../../simulation/aws/server.ts'
import { programsOf } from '../../support/child-programs.ts'
import { type RunningDoor, runDoor } from '../../support/door/running-door.ts'
import { type SceneCamera, startSceneCamera } from '../../support/video/scene-camera.ts'

let scene: SceneCamera
let standIn: AwsServer
let door: RunningDoor

beforeAll(async () => {
  scene = await startSceneCamera()
  standIn = await startAws({ buckets: ['pictures'], videoStreams: ['test-door'] })
  door = await runDoor({ startNow: false })
  const config = JSON.parse(readFileSync(door.configPath, 'utf8'))
  const awsKeys = { accessKeyId: 'test', secretAccessKey: 'test' }
  const wanted = {
    camera: { driver: 'ffmpeg', device: scene.url, widthPx: 640, heightPx: 360 },
    uploads: { region: standIn.region, bucket: 'pictures', endpoint: standIn.url },
    recording: { stream: true },
    simulator: { ...config.simulator, awsKeys },
  }
  writeFileSync(door.configPath, JSON.stringify({ ...config, ...wanted }))
  await door.start()
})
afterAll(async () => {
  await door?.close()
  await standIn?.close()
  await scene?.close()
})

const encoders = () => programsOf(door.pid()).filter(({ words }) => words.includes('libx264'))
const fragments = () => standIn.video.stream('test-door').fragments

let requests = 0
function watch(forMs: number): void {
  requests += 1
  const nonce = String(requests).padStart(32, 'a')
  const expiresAtMs = Date.now() + 10_000
  door.home.cloud.send({ type: 'watch-live', nonce, expiresAtMs, by: 'the owner', forMs })
}

test('a door records during a live view, and stops on request or after its time', async () => {
  await expect.poll(scene.watchers).toBe(1)
  const until = scene.sent() + 10
  await expect.poll(scene.sent).toBeGreaterThan(until)
  expect(encoders()).toEqual([])
  watch(300_000)
  await expect.poll(() => fragments().length).toBeGreaterThan(1)
  expect(fragments().map(({ tags }) => tags)).toEqual(fragments().map(() => ({})))
  watch(0)
  await expect.poll(encoders).toEqual([])
  const before = fragments().length
  watch(3_000)
  await expect.poll(encoders).toHaveLength(1)
  // No command ends this one.
  await expect.poll(encoders).toEqual([])
  await expect.poll(() => fragments().length).toBeGreaterThan(before)
  expect(standIn.video.findings).toEqual([])
  expect(door.home.cloud.visit).toBeNull()
})
