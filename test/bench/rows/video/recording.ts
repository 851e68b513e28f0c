/**
 * Recording a visit in real time: images at 640×480, ten a second, through ffmpeg to the other end of
 * a connection. Use `--minutes 10` for figures; the default is a short check.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import * as z from 'zod/mini'
import { jpegs } from '../../../support/video/video-frames.ts'
import { median } from '../../support/figures.ts'
import { type Row, rowOf } from '../../support/row.ts'
import { projectFolder, type Workshop } from '../../support/workshop.ts'
import { certificate } from './video.ts'

const usualSeconds = 20
const quickSeconds = 4
const picturesInTurn = 40
const limits = { latencyMs: 250, cpuPercent: 1.5, memoryMb: 80 }

/** As `scripts/smart-door` starts the daemon. */
const doorFlags = ['--max-semi-space-size=1', '--no-opt', '--no-maglev', '--no-sparkplug']

const recordedShape = z.object({
  ...{ frames: z.number(), cpuPercent: z.number(), mostMb: z.number(), bytesSent: z.number() },
  ...{ leftOut: z.number(), framesRefused: z.number(), encoders: z.number() },
  troubles: z.array(z.string()),
})
const arrivedShape = z.object({
  ...{ connections: z.number(), fragments: z.number(), findings: z.array(z.string()) },
  latenciesMs: z.array(z.number()),
})

export async function benchRecording(workshop: Workshop): Promise<Row[]> {
  const minutes = workshop.minutes ?? usualSeconds / 60
  const seconds = workshop.quick ? quickSeconds : Math.round(minutes * 60)
  workshop.say(`recording: ${seconds} seconds in real time`)
  const { recorded, arrived } = await recordedFor(workshop, seconds)
  const troubles = [...recorded.troubles, ...arrived.findings]
  if (troubles.length > 0) workshop.say(`recording: ${[...new Set(troubles)].join('; ')}`)
  return rowsOf(recorded, arrived)
}

async function recordedFor(workshop: Workshop, seconds: number) {
  const folder = workshop.folder('recording')
  const { keyPath, certPath } = certificate(folder)
  const sink = workshop.look(
    spawn(process.execPath, [program('../../peers/recording-sink-process.ts'), keyPath, certPath], {
      stdio: ['pipe', 'pipe', 'inherit'],
    }),
  )
  const lines = createInterface(sink.stdout)[Symbol.asyncIterator]()
  const { value: port } = await lines.next()
  const endpoint = `https://localhost:${port}`
  const pictures = await picturesFile(folder)
  const recording = async (lasts: number) => {
    const args = [endpoint, certPath, pictures, join(folder, 'fragments'), String(lasts)]
    const door = workshop.look(
      spawn(
        join(projectFolder, 'scripts/node'),
        [...doorFlags, program('../../peers/recording-process.ts'), ...args],
        { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, MALLOC_ARENA_MAX: '1' } },
      ),
    )
    return recordedShape.parse(JSON.parse(await text(door.stdout)))
  }
  // Only the first start after an update compiles the sources, and holds the compiler in memory.
  await recording(0)
  const recorded = await recording(seconds)
  sink.stdin.write('and?\n')
  const { value: report } = await lines.next()
  const arrived = arrivedShape.parse(JSON.parse(String(report)))
  const ended = once(sink, 'exit')
  sink.kill()
  await ended
  return { recorded, arrived }
}

const program = (name: string) => fileURLToPath(new URL(name, import.meta.url))

async function picturesFile(folder: string): Promise<string> {
  const pictures = await jpegs({ frames: picturesInTurn, size: '640x480' })
  const path = join(folder, 'pictures')
  writeFileSync(path, Buffer.concat(pictures.flatMap((one) => [lengthOf(one), one])))
  return path
}

function lengthOf(picture: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(picture.length)
  return length
}

function rowsOf(
  recorded: z.infer<typeof recordedShape>,
  { latenciesMs, connections, fragments, findings }: z.infer<typeof arrivedShape>,
): Row[] {
  const { frames, leftOut, framesRefused, encoders, bytesSent } = recorded
  const sorted = latenciesMs.toSorted((one, other) => one - other)
  const untold = frames - latenciesMs.length - leftOut
  return [
    rowOf({
      row: 'recording, unknown frames',
      unit: '',
      ours: untold + findings.length,
      peer: frames,
      peerIs: 'all frames',
      ...{ target: 0, exactly: true },
      figures: {
        ...{ arrived: latenciesMs.length, leftOut, framesRefused, encoders },
        ...{ connections, fragments, megabytes: bytesSent / 1e6 },
      },
    }),
    rowOf({
      row: 'recording, from the camera to the other end, half of the frames',
      unit: 'ms',
      ours: median(latenciesMs),
      peer: limits.latencyMs,
      peerIs: 'limit',
      figures: {
        p95Ms: sorted[Math.floor(sorted.length * 0.95)] ?? 0,
        mostMs: sorted.at(-1) ?? 0,
      },
    }),
    rowOf({
      row: "recording, the door's own CPU",
      unit: '% of a core',
      ours: recorded.cpuPercent,
      peer: limits.cpuPercent,
      peerIs: 'limit',
    }),
    rowOf({
      row: 'recording, resident memory',
      unit: 'MB',
      ours: recorded.mostMb,
      peer: limits.memoryMb,
      peerIs: 'limit',
    }),
  ]
}
