/**
 * Video: writing Matroska beside ffmpeg, which need not parse its input first; the size of the
 * container; and sending it over TLS beside curl.
 */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as z from 'zod/mini'
import {
  type AccessUnit,
  accessUnitSplitter,
} from '../../../../device/recording/core/access-units.ts'
import { fragmenter } from '../../../../device/recording/core/fragments.ts'
import { matroskaHeader } from '../../../../device/recording/core/matroska.ts'
import { ffmpeg, h264 } from '../../../support/video/video-frames.ts'
import { median } from '../../support/figures.ts'
import { type Row, rowOf } from '../../support/row.ts'
import type { Workshop } from '../../support/workshop.ts'

const full = { frames: 6_000, rounds: 7, megabytes: 400 }
const quick = { frames: 100, rounds: 1, megabytes: 5 }

/** One write is too short to measure. */
const passes = 10

/** The usual setting of a door camera. */
const camera = { size: '640x480', framesPerSecond: 10 }
const bitrate = ['-b:v', '800k', '-maxrate', '800k', '-bufsize', '800k']
const putMediaMegabytesPerSecond = 12.5

export async function benchVideo(workshop: Workshop): Promise<Row[]> {
  const { frames, rounds, megabytes } = workshop.quick ? quick : full
  const stream = await h264({ frames, ...camera, more: bitrate })
  workshop.say(
    `video: ${frames} frames, ${rounds} rounds, then ${megabytes} MB up, ${rounds} times`,
  )
  return [
    ...(await muxing(workshop, stream, rounds)),
    ...(await uploading(workshop, rounds, megabytes)),
  ]
}

// ---------------------------------------------------------------- writing Matroska

async function muxing(workshop: Workshop, stream: Buffer, rounds: number): Promise<Row[]> {
  const paths = await inputs(workshop.folder('video'), stream)
  const splits: number[] = []
  const ours: number[] = []
  const peers: number[] = []
  let written = { frames: 0, bytes: 0 }
  for (let round = 0; round < rounds; round += 1) {
    let units: readonly AccessUnit[] = []
    splits.push(
      cpuMs(() => {
        units = split(stream)
      }),
    )
    // The start is left out on both sides, because a door writes continuously.
    muxed(units)
    ours.push(
      cpuMs(() => {
        for (let pass = 0; pass < passes; pass += 1) written = muxed(units)
      }) / passes,
    )
    peers.push(Math.max(0.001, ffmpegCpuMs(paths.all) - ffmpegCpuMs(paths.few)))
  }
  const microseconds = (ms: number) => (ms * 1_000) / written.frames
  const overhead = written.bytes / stream.length - 1
  return [
    rowOf({
      row: 'video, frames to Matroska, CPU per frame',
      unit: 'us',
      ours: microseconds(median(ours)),
      peer: microseconds(median(peers)),
      peerIs: 'ffmpeg -c copy',
      target: 0.1,
      figures: {
        framesPerSecond: 1e6 / microseconds(median(ours)),
        splittingTheStreamUs: microseconds(median(splits)),
        frames: written.frames,
      },
    }),
    rowOf({
      row: 'video, bytes that the container adds',
      unit: '%',
      ours: Math.max(0, overhead * 100),
      peer: 0.1,
      peerIs: 'limit',
      figures: { bytesPerFrame: stream.length / written.frames },
    }),
  ]
}

async function inputs(folder: string, stream: Buffer) {
  const all = join(folder, 'all.mp4')
  const few = join(folder, 'few.mp4')
  const options = ['-f', 'h264', '-r', '10', '-i', '-', '-c', 'copy', '-y']
  await ffmpeg([...options, all], stream)
  await ffmpeg([...options, '-frames:v', '1', few], stream)
  return { all, few }
}

function split(stream: Buffer): readonly AccessUnit[] {
  const splitter = accessUnitSplitter()
  const units: AccessUnit[] = []
  // In chunks as from a pipe.
  const pipeBytes = 64 * 1024
  for (let at = 0; at < stream.length; at += pipeBytes) {
    units.push(...splitter.push(stream.subarray(at, at + pipeBytes)))
  }
  return [...units, ...splitter.end()]
}

function muxed(units: readonly AccessUnit[]): { readonly frames: number; readonly bytes: number } {
  const fragments = fragmenter(() => ({}))
  let bytes = 0
  for (const [at, unit] of units.entries()) {
    for (const step of fragments.frame(unit, 1_780_000_000_000 + at * 100)) {
      if (step.kind === 'grew') for (const part of step.parts) bytes += part.length
      else if (step.kind === 'opened' && at === 0) {
        bytes += matroskaHeader(step.track, Buffer.alloc(16)).length
      }
    }
  }
  return { frames: units.length, bytes }
}

function cpuMs(work: () => void): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1_000
}

const ffmpegCpuMs = (path: string): number =>
  childCpuMs('ffmpeg -v error -y -i "$1" -c copy -f matroska /dev/null', path)

/** bash measures its child processes. */
function childCpuMs(line: string, ...args: readonly string[]): number {
  const timed = `TIMEFORMAT="%U %S"; { time ${line} < /dev/null > /dev/null; } 2>&1`
  const said = execFileSync('bash', ['-c', timed, 'bash', ...args]).toString()
  const [user = 0, system = 0] = said.trim().split(' ').map(Number)
  return (user + system) * 1_000
}

// ---------------------------------------------------------------- sending it

const tookShape = z.object({ cpuMs: z.number(), wallMs: z.number(), bytes: z.number() })
const program = (name: string) => fileURLToPath(new URL(name, import.meta.url))
const frameBytes = 12_500

async function uploading(workshop: Workshop, rounds: number, megabytes: number): Promise<Row[]> {
  const folder = workshop.folder('video-upload')
  const { keyPath, certPath } = certificate(folder)
  const payload = join(folder, 'payload')
  writeFileSync(payload, Buffer.alloc(megabytes * 1e6, 0x5a))
  const sink = workshop.look(
    spawn(process.execPath, [program('../../peers/video-sink-process.ts'), keyPath, certPath], {
      stdio: ['ignore', 'pipe', 'inherit'],
    }),
  )
  const [port] = await once(sink.stdout, 'data')
  const endpoint = `https://localhost:${String(port).trim()}`
  const ours: { cpu: number; wall: number }[] = []
  const peers: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    const args = [endpoint, certPath, String(megabytes), String(frameBytes)]
    const said = execFileSync(process.execPath, [
      program('../../peers/video-upload-process.ts'),
      ...args,
    ])
    const { cpuMs, wallMs, bytes } = tookShape.parse(JSON.parse(said.toString()))
    ours.push({ cpu: cpuMs / (bytes / 1e6), wall: wallMs / (bytes / 1e6) })
    peers.push(curlCpuMs(endpoint, certPath, payload) / megabytes)
  }
  sink.kill()
  const wall = median(ours.map((one) => one.wall))
  return [
    rowOf({
      row: 'video, sending over TLS, CPU per MB',
      unit: 'ms',
      ours: median(ours.map((one) => one.cpu)),
      peer: median(peers),
      peerIs: 'curl, chunked',
      target: 3,
    }),
    rowOf({
      row: 'video, sending over TLS, time per MB',
      unit: 'ms',
      ours: wall,
      peer: 1_000 / putMediaMegabytesPerSecond,
      peerIs: "PutMedia's limit",
      target: 0.1,
      figures: { megabytesPerSecond: 1_000 / wall },
    }),
  ]
}

export function certificate(folder: string): {
  readonly keyPath: string
  readonly certPath: string
} {
  const [keyPath, certPath] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
  const made = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  const args = ['req', '-x509', ...made, '-keyout', keyPath, '-out', certPath, ...subject]
  execFileSync('openssl', args, { stdio: 'ignore' })
  return { keyPath, certPath }
}

const curlCpuMs = (endpoint: string, certPath: string, payload: string): number =>
  childCpuMs(
    'curl -s --http1.1 --cacert "$1" -X POST -H "Transfer-Encoding: chunked" -H "Expect:" -T "$2" "$3"',
    ...[certPath, payload, `${endpoint}/putMedia`],
  )
