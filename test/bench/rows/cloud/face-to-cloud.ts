/**
 * From a person in front of the camera to the snapshot in the bucket: network camera, ffmpeg, daemon
 * and signed upload.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as passing } from 'node:timers/promises'
import { startAws } from '../../../../simulation/aws/server.ts'
import { runDoor } from '../../../support/door/running-door.ts'
import { startSceneCamera } from '../../../support/video/scene-camera.ts'
import { median, percentile } from '../../support/figures.ts'
import { type Row, rowOf } from '../../support/row.ts'
import type { Workshop } from '../../support/workshop.ts'

const full = { visits: 20 }
const quick = { visits: 1 }
const limitMs = 700

const bucket = 'pictures-of-the-door'
/** Until the background is learned. */
const lookingMs = 4_000
/** From arrival to the end of the visit, as the door sees it. */
const visitMs = 9_000

export async function benchFaceToCloud(workshop: Workshop): Promise<Row[]> {
  const { visits } = workshop.quick ? quick : full
  workshop.say(`face to cloud: ${visits} visits`)
  let arrived: (atMs: number) => void = () => {}
  const scene = await startSceneCamera()
  const standIn = await startAws({
    buckets: [bucket],
    onObjectCreated: () => arrived(performance.now()),
  })
  const door = await runDoor({ startNow: false })
  const config = JSON.parse(readFileSync(door.configPath, 'utf8'))
  const more = {
    simulator: { ...config.simulator, awsKeys: { accessKeyId: 'test', secretAccessKey: 'test' } },
    camera: { driver: 'ffmpeg', device: scene.url },
    uploads: { region: standIn.region, bucket, endpoint: standIn.url },
    visit: { leftAfterMs: 1_000 },
  }
  writeFileSync(door.configPath, JSON.stringify({ ...config, ...more }))
  const tookMs: number[] = []
  try {
    await door.start()
    await passing(lookingMs)
    while (tookMs.length < visits) {
      const { promise, resolve } = Promise.withResolvers<number>()
      arrived = resolve
      const enteredAt = await scene.visitorArrives()
      const over = passing(visitMs)
      const arrivedAt = await Promise.race([promise, over.then(() => Number.POSITIVE_INFINITY)])
      tookMs.push(arrivedAt - enteredAt)
      await over
    }
  } finally {
    await door.close()
    await standIn.close()
    await scene.close()
  }
  return [
    rowOf({
      row: 'face to cloud, p95',
      unit: 'ms',
      ours: percentile(tookMs, 0.95),
      peer: limitMs,
      peerIs: 'limit',
      figures: { visits, p50Ms: median(tookMs) },
    }),
  ]
}
