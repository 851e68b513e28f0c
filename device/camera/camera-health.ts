/** Reports when the camera has trouble or recovers, and restarts it where that can help. */
import type { Camera, CameraTrouble, Cancel, Clock } from '../daemon/ports.ts'
import { createPictureHealth } from './core/picture-health.ts'

/** A working camera gives several pictures in this time. */
const silentAfterMs = 10_000

export class CameraHealth {
  /** A camera that detects motion itself sends pictures only when it has something to show. */
  maySleep = false
  readonly #camera: Camera
  readonly #clock: Clock
  readonly #report: (trouble: CameraTrouble | null) => void
  readonly #pictures = createPictureHealth()
  #trouble: CameraTrouble | null = null
  #cancelSilence: Cancel = () => {}

  constructor(camera: Camera, clock: Clock, report: (trouble: CameraTrouble | null) => void) {
    this.#camera = camera
    this.#clock = clock
    this.#report = report
  }

  /** Starts the time within which the next picture must come. */
  expectPicture(): void {
    this.#cancelSilence()
    this.#cancelSilence = this.#clock.after(silentAfterMs, () => {
      if (!this.maySleep) this.set('silent')
    })
  }

  picture(grey: Uint8Array | null, nowMs: number): void {
    this.expectPicture()
    if (grey) this.set(this.#pictures.see(grey, nowMs))
    else if (this.#trouble !== 'black' && this.#trouble !== 'frozen') this.set(null)
  }

  set(trouble: CameraTrouble | null): void {
    if (trouble === this.#trouble) return
    this.#trouble = trouble
    this.#report(trouble)
    if (trouble === 'black' || trouble === 'frozen' || trouble === 'silent') this.#camera.restart()
  }

  stop(): void {
    this.#cancelSilence()
  }
}
