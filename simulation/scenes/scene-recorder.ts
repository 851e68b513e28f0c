/**
 * What the camera sees between two stills, of which the door makes its film. As with any camera it
 * goes on while nobody is there; what becomes of it is the door's business.
 */
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { DoorLines } from '../door/connections.ts'
import { drawnSize, type Scene } from './scene.ts'

export interface SceneRecorder {
  /** Before time is skipped: an encoder lives in real time, and what it had begun would look stuck. */
  rest(): Promise<void>
  goOn(): void
  close(): void
}

export const framesPerSecond = 5
/** Longer than an encoder needs for what it has been given. */
const restMs = 300

export function startRecording(scene: Scene, lines: DoorLines): SceneRecorder {
  const show = () => {
    const jpeg = scene.view()
    if (jpeg && lines.daemonThere()) lines.frame(jpeg, drawnSize)
  }
  let timer: NodeJS.Timeout | undefined
  const close = () => clearInterval(timer)
  const goOn = () => {
    close()
    timer = setInterval(show, 1_000 / framesPerSecond).unref()
  }
  goOn()
  return {
    async rest() {
      close()
      await sleep(restMs)
    },
    goOn,
    close,
  }
}

/** Found as a shell would, without the time that starting it takes. */
export const hasFfmpeg = (path = process.env['PATH'] ?? ''): boolean =>
  path.split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, 'ffmpeg'), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
