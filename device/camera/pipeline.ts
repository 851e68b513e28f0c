/**
 * From the camera's pictures to motion for the daemon, a few snapshots of each visit for
 * recognition, and its recording. Without a visit and a live view nothing is uploaded, stored or
 * encoded; only the last seconds are held in memory, to show how a visitor arrived.
 */
import type {
  AttendedVisit,
  Camera,
  CameraPipeline,
  CameraWatcher,
  Clock,
  Log,
  Picture,
  Recording,
  Sight,
  SizedJpeg,
  SmallerPictures,
  Uploads,
} from '../daemon/ports.ts'
import { CameraHealth } from './camera-health.ts'
import { type Box, createMotionDetector, type MotionRules } from './core/motion.ts'
import { createSnapshotPicker, type SnapshotPicker, usualSnapshots } from './core/snapshots.ts'
import { type Frame, RecentFrames } from './recent-frames.ts'
import { SnapshotQueue } from './snapshots/upload-queue.ts'

export interface CameraPipelineDeps {
  readonly doorId: string
  readonly camera: Camera
  readonly motion: MotionRules
  /** Null where snapshots are not uploaded. */
  readonly uploads: Uploads | null
  readonly recording: Recording | null
  /** Without it, large snapshots are uploaded as they are. */
  readonly smaller?: SmallerPictures | null
  readonly snapshotsFolder: string
  readonly clock: Clock
  readonly log: Log
}

/** How much of the time before a visit is recorded. */
const beforehandMs = 3_000
/** A visitor is noticed within this time; earlier frames show something else. */
const noticedWithinMs = 1_000
const largestSnapshotBytes = 100_000

export class FramePipeline implements CameraPipeline {
  readonly #deps: CameraPipelineDeps
  readonly #detector
  readonly #health: CameraHealth
  readonly #recent = new RecentFrames(beforehandMs)
  #report: (sight: Sight) => void = () => {}
  #snapshots: SnapshotQueue | null = null
  #attended: { visit: AttendedVisit; picker: SnapshotPicker<Frame> } | null = null
  #isWatched = false
  /** What is being recorded: a visit, or none for a live view. */
  #recorded: { readonly visit: AttendedVisit | null } | null = null
  #isMoving = false

  constructor(deps: CameraPipelineDeps) {
    this.#deps = deps
    this.#detector = createMotionDetector(deps.motion)
    this.#health = new CameraHealth(deps.camera, deps.clock, (trouble) =>
      this.#report({ kind: 'camera-trouble', trouble }),
    )
  }

  start(report: (sight: Sight) => void): void {
    this.#report = report
    this.#snapshots = this.#openSnapshots()
    this.#deps.camera.start(this.#watcher())
    this.#health.expectPicture()
  }

  setVisit(visit: AttendedVisit | null): void {
    if (visit?.visitId === this.#attended?.visit.visitId) return
    this.#attended = visit && { visit, picker: createSnapshotPicker<Frame>(usualSnapshots) }
    const wasRecording = this.#recorded !== null
    this.#updateRecording()
    if (!visit) return
    for (const frame of this.#recent.take()) {
      // A recording cannot go back to a time that it has already shown.
      if (!wasRecording) this.#deps.recording?.picture(frame.picture.jpeg, this.#takenAtMs(frame))
      const isNew = frame.uptimeMs > this.#deps.clock.monotonicMs() - noticedWithinMs
      if (frame.box && isNew) this.#chooseSnapshot(frame)
    }
  }

  watchLive(untilUptimeMs: number | null): void {
    this.#isWatched = untilUptimeMs !== null
    this.#updateRecording()
  }

  async stop(): Promise<void> {
    this.#health.stop()
    await this.#deps.camera.stop()
    this.#snapshots?.stop()
    await this.#deps.recording?.stop()
  }

  #watcher(): CameraWatcher {
    return {
      picture: (picture) => this.#onPicture(picture),
      moving: (moving) => {
        this.#health.maySleep = true
        this.#setMoving(moving)
      },
      trouble: (trouble) => {
        this.#deps.log.warn({ trouble }, 'camera trouble')
        this.#health.set(trouble)
      },
    }
  }

  #onPicture(picture: Picture): void {
    const { clock, recording } = this.#deps
    // Uptime, because setting a clock must not shorten motion.
    const uptimeMs = clock.monotonicMs()
    this.#health.picture(picture.grey, uptimeMs)
    const box = picture.grey ? this.#detectMotion(picture.grey, uptimeMs) : null
    const frame = { picture, box, uptimeMs }
    if (this.#recorded) recording?.picture(picture.jpeg, clock.wallMs())
    if (this.#attended) this.#chooseSnapshot(frame)
    else this.#recent.add(frame)
  }

  /** By the time as it is known now, which may have been set since the frame was taken. */
  #takenAtMs({ uptimeMs }: Frame): number {
    const { clock } = this.#deps
    return clock.wallMs() - (clock.monotonicMs() - uptimeMs)
  }

  #detectMotion(grey: Uint8Array, uptimeMs: number): Box | null {
    const { moving, box } = this.#detector.see(grey, uptimeMs)
    this.#setMoving(moving)
    return box
  }

  #setMoving(moving: boolean): void {
    if (moving === this.#isMoving) return
    this.#isMoving = moving
    this.#report({ kind: 'motion', moving })
  }

  /** The recording gets the visit, so that each of its fragments can name it. */
  #updateRecording(): void {
    const { recording } = this.#deps
    const liveView = this.#isWatched ? { visit: null } : null
    const wanted = this.#attended ? { visit: this.#attended.visit } : liveView
    const isSame = wanted?.visit?.visitId === this.#recorded?.visit?.visitId
    if (isSame && (wanted === null) === (this.#recorded === null)) return
    this.#recorded = wanted
    if (wanted) recording?.begin(wanted.visit)
    else recording?.end()
  }

  // ---------------------------------------------------------------- snapshots

  #chooseSnapshot(frame: Frame): void {
    if (!this.#attended || frame.picture.isRecordingOnly) return
    const { visit, picker } = this.#attended
    const { grey } = frame.picture
    const { widthPx } = this.#deps.motion
    const chosen = grey
      ? picker.consider({ picture: frame, grey, widthPx, box: frame.box, atMs: frame.uptimeMs })
      : frame
    if (chosen) void this.#upload(visit, chosen)
  }

  async #upload(visit: AttendedVisit, frame: Frame): Promise<void> {
    const takenAtMs = this.#takenAtMs(frame)
    const { jpeg, widthPx, heightPx } = await this.#shrunk(frame.picture)
    this.#snapshots?.add({ visit, jpeg, widthPx, heightPx, takenAtMs })
  }

  /** S3 accepts a picture that could not be made smaller; recognition may refuse it. */
  async #shrunk(picture: Picture): Promise<SizedJpeg> {
    const { smaller, log } = this.#deps
    if (picture.jpeg.length <= largestSnapshotBytes || !smaller) return picture
    const result = await smaller.atMost(largestSnapshotBytes, picture).catch(() => null)
    if (!result) log.warn({ bytes: picture.jpeg.length }, 'snapshot could not be made smaller')
    return result ?? picture
  }

  /** Null without uploads, and without a folder: the door goes on without snapshots. */
  #openSnapshots(): SnapshotQueue | null {
    const { uploads, snapshotsFolder, log } = this.#deps
    if (!uploads) return null
    try {
      return new SnapshotQueue({
        ...this.#deps,
        uploads,
        folder: snapshotsFolder,
        uploaded: (snapshot) => this.#report({ kind: 'snapshot-uploaded', ...snapshot }),
      })
    } catch (fault) {
      log.error({ err: fault }, 'no folder for snapshots')
      return null
    }
  }
}
