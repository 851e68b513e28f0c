/**
 * From pictures to what the door does with them: motion for the daemon, a few stills of each visit
 * for recognition, and the film of a visit while it lasts. While nobody is there nothing is sent,
 * written or encoded; the last seconds are only held in memory, to show how somebody came.
 */
import type {
  AttendedVisit,
  Camera,
  CameraTrouble,
  Cancel,
  Clock,
  Eyes,
  Film,
  Log,
  Picture,
  Sight,
  Uploads,
} from './ports.ts'
import { createStillsOut, type StillsOut } from './stills-out.ts'
import { type Box, createMotionDetector, type MotionRules } from './video/motion.ts'
import { createPictureHealth } from './video/picture-health.ts'
import { createStillPicker, type StillPicker, usualStills } from './video/stills.ts'

export interface EyesDeps {
  readonly doorId: string
  readonly camera: Camera
  readonly motion: MotionRules
  /** Null where nothing is to be uploaded to. */
  readonly uploads: Uploads | null
  readonly film: Film | null
  readonly stillsFolder: string
  readonly clock: Clock
  readonly log: Log
}

/** How much of the time before somebody was noticed goes into the film. */
const beforehandMs = 3_000
/** Two pictures in this time are a camera that works; without any it is silent. */
const silentAfterMs = 10_000

interface Recent {
  readonly jpeg: Uint8Array
  readonly atMs: number
}

interface Attended {
  readonly visit: AttendedVisit
  readonly picker: StillPicker<Picture>
}

export function createEyes(deps: EyesDeps): Eyes {
  const { camera, clock, film, log } = deps
  const detector = createMotionDetector(deps.motion)
  const health = createPictureHealth()
  let report: (sight: Sight) => void = () => {}
  let stillsOut: StillsOut | null = null
  let attended: Attended | null = null
  let recent: readonly Recent[] = []
  let moving = false
  let trouble: CameraTrouble | null = null
  let detectsByItself = false
  let cancelSilence: Cancel = () => {}

  function took(picture: Picture): void {
    const atMs = clock.wallMs()
    expectMore()
    const box = picture.grey ? watch(picture.grey) : null
    if (attended) {
      film?.picture(picture.jpeg, atMs)
      choose(attended, picture, box, atMs)
    } else {
      recent = [...recent.filter((one) => one.atMs > atMs - beforehandMs), { ...picture, atMs }]
    }
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

  function choose(
    { visit, picker }: Attended,
    picture: Picture,
    box: Box | null,
    takenAtMs: number,
  ) {
    const chosen = picture.grey ? picker.consider(candidateOf(picture, box)) : picture
    const { jpeg, widthPx, heightPx } = chosen ?? {}
    if (jpeg && widthPx && heightPx) stillsOut?.add({ visit, jpeg, widthPx, heightPx, takenAtMs })
  }

  const candidateOf = (picture: Picture, box: Box | null) => ({
    picture,
    grey: picture.grey ?? new Uint8Array(),
    widthPx: deps.motion.widthPx,
    box,
    atMs: clock.monotonicMs(),
  })

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
      if (deps.uploads) {
        stillsOut = createStillsOut({
          ...deps,
          uploads: deps.uploads,
          folder: deps.stillsFolder,
          uploaded: (still) => report({ kind: 'still-uploaded', ...still }),
        })
      }
      camera.start({
        picture: took,
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

    attend(visit) {
      if (visit?.visitId === attended?.visit.visitId) return
      if (attended) film?.end()
      attended = visit && { visit, picker: createStillPicker<Picture>(usualStills) }
      if (!visit) return
      film?.begin(visit)
      for (const { jpeg, atMs } of recent) film?.picture(jpeg, atMs)
      recent = []
    },

    async stop() {
      cancelSilence()
      await camera.stop()
      stillsOut?.stop()
      await film?.stop()
    },
  }
}
