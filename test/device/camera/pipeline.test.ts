/** The camera pipeline, with a camera and uploads that the test controls. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type CameraPipelineDeps, FramePipeline } from '../../../device/camera/pipeline.ts'
import type {
  CameraPipeline,
  CameraWatcher,
  Recording,
  Sight,
  SnapshotToUpload,
} from '../../../device/daemon/ports.ts'
import { type ManualClock, manualClock } from '../../support/manual-clock.ts'
import { clipOf, clipSize } from '../../support/video/motion-clips.ts'

const visit = { visitId: 'ab'.repeat(16), number: 12 }
const clip = clipOf('walk', { seconds: 16, walks: [[6, 12]] })

let folder: string
let clock: ManualClock
let camera: CameraWatcher
let restarts: number
let online: boolean
let uploads: SnapshotToUpload[]
let recorded: string[]
let shown: number[]
let shownAtMs: number[]
let sights: Sight[]
let cameraPipeline: CameraPipeline

const recording: Recording = {
  begin: (visit) => recorded.push(visit ? `begin ${visit.number}` : 'begin live view'),
  picture(jpeg, atMs) {
    recorded.push('picture')
    shown.push(jpeg[0] ?? 0)
    shownAtMs.push(atMs)
  },
  end: () => recorded.push('end'),
  stop: async () => {},
}

function open(changed: Partial<CameraPipelineDeps> = {}): CameraPipeline {
  const opened = new FramePipeline({
    doorId: 'maple-street_front',
    camera: {
      start: (watcher) => {
        camera = watcher
      },
      restart: () => {
        restarts += 1
      },
      stop: async () => {},
    },
    motion: { ...clipSize, sensitivity: 5, zones: [], minimumMs: 300, quietMs: 2_000 },
    uploads: {
      put: async (snapshot) => {
        if (!online) throw new Error('no network')
        uploads.push(snapshot)
      },
    },
    recording: recording,
    snapshotsFolder: join(folder, 'snapshots'),
    clock,
    log: { info() {}, warn() {}, error() {} },
    ...changed,
  })
  opened.start((sight) => sights.push(sight))
  return opened
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pipeline-'))
  clock = manualClock()
  restarts = 0
  online = true
  uploads = []
  recorded = []
  shown = []
  shownAtMs = []
  sights = []
  cameraPipeline = open()
})
afterEach(async () => {
  await cameraPipeline.stop()
  rmSync(folder, { recursive: true })
})

/** Plays the clip, and starts and ends the visit as the daemon would. */
async function play(): Promise<void> {
  for (const { grey } of clip.pictures) {
    camera.picture({ jpeg: Buffer.from(grey.slice(0, 50)), widthPx: 1280, heightPx: 720, grey })
    const motion = sights.findLast((sight) => sight.kind === 'motion')
    cameraPipeline.setVisit(motion?.kind === 'motion' && motion.moving ? visit : null)
    clock.advance(100)
    await Promise.resolve()
  }
}

const waiting = () => readdirSync(join(folder, 'snapshots'))

test('a visitor who walks by is one motion, one recording and a few snapshots', async () => {
  await play()
  expect(sights.filter(({ kind }) => kind === 'motion')).toEqual([
    { kind: 'motion', moving: true },
    { kind: 'motion', moving: false },
  ])
  await expect.poll(waiting).toEqual([])
  const reported = sights.filter((sight) => sight.kind === 'snapshot-uploaded')
  expect(reported.length).toBe(uploads.length)
  expect(uploads.length).toBeGreaterThan(1)
  expect(
    uploads.every(({ key }) => key.startsWith(`snapshots/maple-street_front/${visit.visitId}/`)),
  )
  expect(recorded[0]).toBe('begin 12')
  expect(recorded.at(-1)).toBe('end')
  // Including the three seconds before.
  const whileMoving = 60 + 20
  expect(recorded.filter((one) => one === 'picture').length).toBeGreaterThan(whileMoving + 15)
})

test('without a visit nothing is uploaded, stored or recorded', async () => {
  for (const { grey } of clip.pictures.slice(0, 50)) {
    camera.picture({ jpeg: Buffer.from([1]), widthPx: 1280, heightPx: 720, grey })
    clock.advance(100)
  }
  expect(sights).toEqual([])
  expect(uploads).toEqual([])
  expect(recorded).toEqual([])
  expect(waiting()).toEqual([])
})

test('the recording of a visit begins with the seconds before it', () => {
  const show = (nth: number) =>
    camera.picture({ jpeg: Buffer.alloc(50_000, nth), widthPx: 1, heightPx: 1, grey: null })
  for (let nth = 1; nth <= 80; nth += 1) {
    show(nth)
    clock.advance(100)
  }
  cameraPipeline.setVisit(visit)
  for (let nth = 81; nth <= 120; nth += 1) show(nth)
  expect(shown).toEqual(Array.from({ length: shown.length }, (_, at) => at + 121 - shown.length))
  expect(shown.length).toBeGreaterThan(65)
})

test('a snapshot waits while the network is down and the time becomes known', async () => {
  online = false
  cameraPipeline.setVisit(visit)
  camera.picture({ jpeg: Buffer.from([1]), widthPx: 1, heightPx: 1, grey: null })
  await expect.poll(waiting).toHaveLength(1)
  clock.setWall(clock.wallMs() + 86_400_000)
  online = true
  clock.advance(1_000)
  await expect.poll(() => uploads).toHaveLength(1)
})

test('frames from before the time was confirmed are recorded at their true time', () => {
  const show = () => camera.picture({ jpeg: Buffer.from([1]), widthPx: 1, heightPx: 1, grey: null })
  show()
  clock.advance(100)
  show()
  clock.advance(100)
  const confirmedAtMs = Date.UTC(2026, 5, 1, 12)
  clock.setWall(confirmedAtMs)
  cameraPipeline.setVisit(visit)
  show()
  expect(shownAtMs).toEqual([-200, -100, 0].map((sinceMs) => confirmedAtMs + sinceMs))
})

test('a live view goes on through visits, each of which is named', () => {
  const show = () => camera.picture({ jpeg: Buffer.from([1]), widthPx: 1, heightPx: 1, grey: null })
  show()
  cameraPipeline.watchLive?.(300_000)
  show()
  cameraPipeline.watchLive?.(600_000)
  cameraPipeline.setVisit(visit)
  show()
  cameraPipeline.setVisit(null)
  show()
  cameraPipeline.watchLive?.(null)
  show()
  const liveView = ['begin live view', 'picture']
  // Frames that were already recorded are not repeated.
  expect(recorded).toEqual([...liveView, 'begin 12', 'picture', ...liveView, 'end'])
})

test('a visit is recorded to its end after the live view has ended', () => {
  cameraPipeline.watchLive?.(300_000)
  cameraPipeline.setVisit(visit)
  cameraPipeline.watchLive?.(null)
  expect(recorded).toEqual(['begin live view', 'begin 12'])
  cameraPipeline.setVisit(null)
  expect(recorded.at(-1)).toBe('end')
})

test('the first snapshot is from before the visit began', async () => {
  for (const { grey } of clip.pictures) {
    if (sights.length > 0) break
    camera.picture({ jpeg: Buffer.from(grey.slice(0, 50)), widthPx: 1280, heightPx: 720, grey })
    clock.advance(100)
  }
  expect(sights).toEqual([{ kind: 'motion', moving: true }])
  cameraPipeline.setVisit(visit)
  await expect.poll(() => uploads.length).toBe(1)
  const takenAtMs = Number(/(\d+)\.jpg$/.exec(uploads[0]?.key ?? '')?.[1])
  expect(clock.wallMs() - takenAtMs).toBeGreaterThan(100)
  expect(clock.wallMs() - takenAtMs).toBeLessThan(1_000)
})

test.each([
  ['made smaller', { jpeg: new Uint8Array(90_000), widthPx: 640, heightPx: 360 }, 90_000],
  ['sent as it is when that fails', null, 150_000],
])('a snapshot that is too large is %s', async (_, smaller, bytes) => {
  await cameraPipeline.stop()
  cameraPipeline = open({ smaller: { atMost: async () => smaller } })
  camera.moving(true)
  cameraPipeline.setVisit(visit)
  const jpeg = new Uint8Array(150_000)
  camera.picture({ jpeg, widthPx: 1280, heightPx: 720, grey: null })
  await expect.poll(() => uploads.map((one) => one.jpeg.length)).toEqual([bytes])
})

test('without a folder for snapshots motion is still detected', async () => {
  await cameraPipeline.stop()
  writeFileSync(join(folder, 'file'), '')
  cameraPipeline = open({ snapshotsFolder: join(folder, 'file', 'snapshots') })
  await play()
  expect(sights.filter(({ kind }) => kind === 'motion').length).toBe(2)
})

test('a snapshot that cannot be read does not block the others', async () => {
  online = false
  await play()
  const [first = ''] = waiting()
  rmSync(join(folder, 'snapshots', first))
  online = true
  for (let tries = 0; tries < 40 && waiting().length > 0; tries += 1) {
    clock.advance(30_000)
    await Promise.resolve()
  }
  expect(uploads.length).toBeGreaterThan(0)
})

test('without a network snapshots wait on disk, across a restart, and are uploaded later', async () => {
  online = false
  await play()
  expect(waiting().length).toBeGreaterThan(1)
  await cameraPipeline.stop()
  online = true
  const waited = waiting().length
  cameraPipeline = open()
  await expect.poll(waiting).toEqual([])
  expect(uploads.length).toBe(waited)
})

test('with a full disk snapshots are uploaded from memory', async () => {
  rmSync(join(folder, 'snapshots'), { recursive: true })
  await play()
  await expect.poll(() => uploads.length).toBeGreaterThan(1)
})

test('old snapshots are dropped', async () => {
  online = false
  await play()
  clock.advance(16 * 60_000)
  online = true
  for (let tries = 0; tries < 40 && waiting().length > 0; tries += 1) {
    clock.advance(30_000)
    await Promise.resolve()
  }
  expect(waiting()).toEqual([])
  expect(uploads).toEqual([])
})

test.each([
  ['frozen', 11_000, () => new Uint8Array(160 * 90).fill(90)],
  ['black', 31_000, () => new Uint8Array(160 * 90).map((_, at) => (at + clock.wallMs()) % 3)],
] as const)(
  'a %s picture is reported, the camera restarted, and recovery reported',
  (trouble, ms, draw) => {
    for (let atMs = 0; atMs < ms; atMs += 500) {
      camera.picture({ jpeg: Buffer.from([1]), widthPx: 1280, heightPx: 720, grey: draw() })
      clock.advance(500)
    }
    expect(sights).toEqual([{ kind: 'camera-trouble', trouble }])
    expect(restarts).toBe(1)
    const grey = clip.pictures[0]?.grey ?? new Uint8Array()
    camera.picture({ jpeg: Buffer.from([1]), widthPx: 1280, heightPx: 720, grey })
    expect(sights.at(-1)).toEqual({ kind: 'camera-trouble', trouble: null })
  },
)

test('a silent camera is reported and restarted', () => {
  clock.advance(11_000)
  expect(sights).toEqual([{ kind: 'camera-trouble', trouble: 'silent' }])
  expect(restarts).toBe(1)
})

test('a camera that detects motion itself may be silent, and its pictures of a visit are uploaded', async () => {
  camera.moving(false)
  clock.advance(60_000)
  expect(sights).toEqual([])
  camera.moving(true)
  cameraPipeline.setVisit(visit)
  camera.picture({ jpeg: Buffer.from([1]), widthPx: 1280, heightPx: 720, grey: null })
  await expect.poll(() => uploads.length).toBe(1)
})
