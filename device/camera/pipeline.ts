/**
 * From pictures to what the door does with them: motion for the daemon, a few stills of each visit
 * for recognition, and the film of a visit while it lasts. While nobody is there, and nobody looks
 * from afar, nothing is sent, written or encoded; the last seconds are only held in memory, to show
 * how somebody came.
 */
import type {
  AttendedVisit,
  Camera,
  CameraPipeline,
  CameraTrouble,
  Cancel,
  Clock,
  Log,
  Picture,
  Recording,
  Sight,
  SizedJpeg,
  SmallerPictures,
  Uploads,
} from '../daemon/ports.ts'
import { nothingKept, type PersistedState, slabs } from '../recording/core/slabs.ts'
import { type Box, createMotionDetector, type MotionRules } from './core/motion.ts'
import { createPictureHealth } from './core/picture-health.ts'
import { createSnapshotPicker, type SnapshotPicker, usualSnapshots } from './core/snapshots.ts'
import { createSnapshotsOut, type SnapshotsOut } from './snapshots/upload-queue.ts'

export interface CameraPipelineDeps {
  readonly doorId: string
  readonly camera: Camera
  readonly motion: MotionRules
  /** Null where nothing is to be uploaded to. */
  readonly uploads: Uploads | null
  readonly recording: Recording | null
  /** For stills that are too large to be sent; where there is none they go as they are. */
  readonly smaller?: SmallerPictures | null
  readonly snapshotsFolder: string
  readonly clock: Clock
  readonly log: Log
}

/** How much of the time before somebody was noticed goes into the film. */
const beforehandMs = 3_000
/** Within this somebody is noticed; what was seen before is another matter. */
const noticingMs = 1_000
const largestSnapshotBytes = 100_000
/** Two pictures in this time are a camera that works; without any it is silent. */
const silentAfterMs = 10_000

/** A picture, where somebody is in it, and when it was taken by both clocks. */
interface Taken {
  readonly picture: Picture
  readonly box: Box | null
  readonly wallMs: number
  readonly uptimeMs: number
}

/** A copy, in memory that is used again: the collector comes late for what lives for seconds. */
interface Remembered extends Taken {
  readonly memory: PersistedState
}

/** A large picture with its small one. */
const pictureSlabs = { slabBytes: 128 * 1024, mostFree: 4 }

interface Attended {
  readonly visit: AttendedVisit
  readonly picker: SnapshotPicker<Taken>
}

/** What is filmed: somebody's visit, or nobody's, for whoever looks from afar. */
interface RecordedScene {
  readonly visit: AttendedVisit | null
}

export function createCameraPipeline(deps: CameraPipelineDeps): CameraPipeline {
  const { camera, clock, recording, log } = deps
  const detector = createMotionDetector(deps.motion)
  const health = createPictureHealth()
  let report: (sight: Sight) => void = () => {}
  let snapshotsOut: SnapshotsOut | null = null
  let attended: Attended | null = null
  let watched = false
  let recorded: RecordedScene | null = null
  let recent: readonly Remembered[] = []
  const memory = slabs(pictureSlabs)
  let moving = false
  let trouble: CameraTrouble | null = null
  let detectsByItself = false
  let cancelSilence: Cancel = () => {}

  function onFrame(picture: Picture): void {
    expectMore()
    const box = picture.grey ? watch(picture.grey) : null
    const taken = { picture, box, wallMs: clock.wallMs(), uptimeMs: clock.monotonicMs() }
    if (recorded) recording?.picture(picture.jpeg, taken.wallMs)
    if (attended) choose(attended, taken)
    else remember(taken)
  }

  /** Only what nobody was given is overwritten: once somebody is noticed, all of it is given away. */
  function remember(taken: Taken): void {
    const sinceMs = taken.uptimeMs - beforehandMs
    for (const one of recent) if (one.uptimeMs <= sinceMs) memory.free(one.memory)
    const mine = nothingKept()
    const { jpeg, grey } = taken.picture
    const copies = {
      jpeg: memory.keep(mine, [jpeg]),
      grey: grey && memory.keep(mine, [grey]),
    }
    const picture = { ...taken.picture, ...copies }
    recent = [
      ...recent.filter(({ uptimeMs }) => uptimeMs > sinceMs),
      { ...taken, picture, memory: mine },
    ]
  }

  /** Whoever is filmed is named to the film, so that it says whose each part of it is. */
  function recordWhatIsWanted(): void {
    const wanted = attended ? { visit: attended.visit } : watched ? { visit: null } : null
    const isSame = wanted?.visit?.visitId === recorded?.visit?.visitId
    if (isSame && (wanted === null) === (recorded === null)) return
    recorded = wanted
    if (wanted) recording?.begin(wanted.visit)
    else recording?.end()
  }

  /** Motion counts in running time, which no clock that is set can shorten. */
  function watch(grey: Uint8Array): Box | null {
    const nowMs = clock.monotonicMs()
    troubled(health.see(grey, nowMs))
    const seen = detector.see(grey, nowMs)
    nowMoving(seen.moving)
    return seen.box
  }

  function nowMoving(now: boolean): void {
    if (now === moving) return
    moving = now
    report({ kind: 'motion', moving })
  }

  function choose({ visit, picker }: Attended, taken: Taken): void {
    const { grey, isRecordingOnly = false } = taken.picture
    if (isRecordingOnly) return
    const { widthPx } = deps.motion
    const about = { box: taken.box, atMs: taken.uptimeMs, widthPx, picture: taken }
    const chosen = grey ? picker.consider({ ...about, grey }) : taken
    if (chosen) void send(visit, chosen)
  }

  async function send(visit: AttendedVisit, { picture, wallMs }: Taken): Promise<void> {
    const { jpeg, widthPx, heightPx } = await fitToSend(picture)
    snapshotsOut?.add({ visit, jpeg, widthPx, heightPx, takenAtMs: wallMs })
  }

  /** One that can't be made smaller goes as it is: the cloud takes it, if with a sigh. */
  async function fitToSend(picture: Picture): Promise<SizedJpeg> {
    if (picture.jpeg.length <= largestSnapshotBytes || !deps.smaller) return picture
    const smaller = await deps.smaller.atMost(largestSnapshotBytes, picture).catch(() => null)
    if (smaller === null)
      log.warn({ bytes: picture.jpeg.length }, 'still could not be made smaller')
    return smaller ?? picture
  }

  /** Null where there is nothing to upload to, or no place for what waits: the door goes on. */
  function openSnapshotsOut(): SnapshotsOut | null {
    if (!deps.uploads) return null
    try {
      return createSnapshotsOut({
        ...deps,
        uploads: deps.uploads,
        folder: deps.snapshotsFolder,
        uploaded: (snapshot) => report({ kind: 'snapshot-uploaded', ...snapshot }),
      })
    } catch (fault) {
      log.error({ err: fault }, 'stills have no folder to wait in')
      return null
    }
  }

  // ---------------------------------------------------------------- trouble

  function troubled(now: CameraTrouble | null): void {
    if (now === trouble) return
    trouble = now
    report({ kind: 'camera-trouble', trouble })
    if (now === 'black' || now === 'frozen' || now === 'silent') camera.restart()
  }

  /** A camera that detects motion by itself sends pictures only when it has something to show. */
  function expectMore(): void {
    cancelSilence()
    if (trouble !== 'black' && trouble !== 'frozen') troubled(null)
    cancelSilence = clock.after(silentAfterMs, () => {
      if (!detectsByItself) troubled('silent')
    })
  }

  return {
    start(listener) {
      report = listener
      snapshotsOut = openSnapshotsOut()
      camera.start({
        picture: onFrame,
        moving(now) {
          detectsByItself = true
          nowMoving(now)
        },
        trouble(now) {
          log.warn({ trouble: now }, 'camera trouble')
          troubled(now)
        },
      })
      expectMore()
    },

    setVisit(visit) {
      if (visit?.visitId === attended?.visit.visitId) return
      attended = visit && { visit, picker: createSnapshotPicker<Taken>(usualSnapshots) }
      const wasRecorded = recorded !== null
      recordWhatIsWanted()
      if (!attended) return
      const before = recent
      recent = []
      for (const taken of before) {
        // A film can't go back to what the one before it has shown.
        if (!wasRecorded) recording?.picture(taken.picture.jpeg, taken.wallMs)
        // Whoever is noticed has been there for a moment: no need to wait for a good picture.
        if (taken.box && taken.uptimeMs > clock.monotonicMs() - noticingMs) choose(attended, taken)
      }
    },

    watchLive(untilUptimeMs) {
      watched = untilUptimeMs !== null
      recordWhatIsWanted()
    },

    async stop() {
      cancelSilence()
      await camera.stop()
      snapshotsOut?.stop()
      await recording?.stop()
    },
  }
}
