/**
 * The camera's frames between two pictures, from which the door makes its recording. As with any
 * camera, they continue while no one is there.
 */
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { DoorConnections } from '../door/connections.ts'
import { drawnSize, type Scene } from './scene.ts'

export type SceneRecorder = ReturnType<typeof startRecording>

export const framesPerSecond = 5
/** Longer than an encoder needs for the frames that it has. */
const restMs = 300

export function startRecording(scene: Scene, connections: DoorConnections) {
  const show = () => {
    const jpeg = scene.view()
    if (jpeg && connections.daemonConnected()) connections.frame(jpeg, drawnSize)
  }
  let timer: NodeJS.Timeout | undefined
  const close = () => clearInterval(timer)
  const goOn = () => {
    close()
    timer = setInterval(show, 1_000 / framesPerSecond).unref()
  }
  goOn()
  return {
    /** Called before time is skipped: an encoder runs in real time and would look stuck. */
    async rest(): Promise<void> {
      close()
      await sleep(restMs)
    },
    goOn,
    close,
  }
}

/** Searches PATH as a shell does, without starting it. */
export const hasFfmpeg = (path = process.env['PATH'] ?? ''): boolean =>
  path.split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, 'ffmpeg'), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
