/**
 * Motion detection and its cost: the door, Debian's `motion`, and ffmpeg's scene filter. All three
 * read the same clips as a camera sends them, JPEG after JPEG; programs are measured from start to
 * end. While a clip shows what must be learned first, events do not count.
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { createMotionDetector } from '../../../device/camera/core/motion.ts'
import { greyArguments, greySplitter } from '../../../device/camera/drivers/grey.ts'
import {
  type Clip,
  clipOf,
  clipSize,
  clips,
  repeatingClips,
} from '../../support/video/motion-clips.ts'
import { median } from '../support/figures.ts'
import { type Row, rowOf } from '../support/row.ts'
import type { Workshop } from '../support/workshop.ts'

const full = { rounds: 3 }
const quick = { rounds: 1 }

const size = { widthPx: 1_280, heightPx: 720 } as const
/** `motion` reads a file no faster than this, and counts in frames instead of seconds. */
const playedPerSecond = 30
const takenPerSecond = 10
const quietMs = 2_000

interface Watched {
  readonly cpuMs: number
  readonly events: number
}
type Watch = (path: string, clip: Clip) => Promise<Watched>

export async function benchMotion(workshop: Workshop): Promise<Row[]> {
  const { rounds } = workshop.quick ? quick : full
  const recordings = workshop.quick ? [shortRecording()] : [...clips(), ...repeatingClips()]
  workshop.say(`motion: ${recordings.length} clips, ${rounds} rounds`)
  const folder = workshop.folder('motion')
  const paths = new Map<Clip, string>()
  for (const [at, clip] of recordings.entries())
    paths.set(clip, await recordingFile(folder, at, clip))
  const hasMotion = spawnSync('motion', ['-h']).error === undefined
  if (!hasMotion) workshop.say('motion: the program motion is not installed, so it is left out')
  const peers = { ...(hasMotion && { motion: motionOf(folder) }), scene }
  const watchers: Readonly<Record<string, Watch>> = { ours, ...peers }
  const results = new Map(Object.keys(watchers).map((name) => [name, [] as Watched[][]]))
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, watch] of Object.entries(watchers)) {
      const watched: Watched[] = []
      for (const [clip, path] of paths) watched.push(await watch(path, clip))
      results.get(name)?.push(watched)
    }
  }
  const of = (name: string) => summary(results.get(name) ?? [], recordings)
  return rowsOf(of('ours'), hasMotion ? of('motion') : null, of('scene'))
}

interface Summary {
  readonly cpuMs: number
  readonly missed: number
  readonly madeUp: number
}

function summary(rounds: readonly (readonly Watched[])[], recordings: readonly Clip[]): Summary {
  const perClip = rounds.map(
    (round) => round.reduce((sum, { cpuMs }) => sum + cpuMs, 0) / recordings.length,
  )
  const last = rounds.at(-1) ?? []
  const off = recordings.map(({ events }, at) => (last[at]?.events ?? 0) - events)
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0)
  return {
    cpuMs: median(perClip),
    missed: sum(off.map((by) => Math.max(0, -by))),
    madeUp: sum(off.map((by) => Math.max(0, by))),
  }
}

function rowsOf(own: Summary, motion: Summary | null, scene: Summary): Row[] {
  const cpu = (peer: Summary, peerIs: string, target: number) =>
    rowOf({
      ...{ row: `motion, CPU per clip, to ${peerIs}`, unit: 'ms', peerIs, target },
      ours: own.cpuMs,
      peer: peer.cpuMs,
      figures: {
        missed: own.missed,
        madeUp: own.madeUp,
        peerMissed: peer.missed,
        peerMadeUp: peer.madeUp,
      },
    })
  const wrong = ({ missed, madeUp }: Summary) => missed + madeUp
  return [
    ...(motion ? [cpu(motion, 'motion', 0.5)] : []),
    cpu(scene, 'ffmpeg select=scene', 1.2),
    rowOf({
      row: 'motion, mistakes and one',
      unit: 'events',
      ours: wrong(own) + 1,
      peer: Math.min(wrong(motion ?? scene), wrong(scene)) + 1,
      peerIs: 'the better of both',
    }),
  ]
}

// ---------------------------------------------------------------- the clips

const shortRecording = () => clipOf('short', { seconds: 9, walks: [[4, 7]] })

async function recordingFile(folder: string, at: number, clip: Clip): Promise<string> {
  const [raw, path] = [join(folder, `${at}.raw`), join(folder, `${at}.mkv`)]
  writeFileSync(raw, Buffer.concat(clip.pictures.map(({ grey }) => grey)))
  const small = `${clipSize.widthPx}x${clipSize.heightPx}`
  await run('ffmpeg', [
    ...['-v', 'error', '-y', '-f', 'rawvideo', '-pix_fmt', 'gray', '-s', small],
    ...['-r', String(playedPerSecond), '-i', raw],
    ...['-vf', `scale=${size.widthPx}:${size.heightPx}:flags=bilinear,format=yuvj420p`],
    ...['-c:v', 'mjpeg', '-q:v', '6', path],
  ])
  rmSync(raw)
  return path
}

interface Ended {
  readonly cpuMs: number
  readonly out: string
}

/** The processor time of child processes, as the shell measures it. */
async function run(program: string, args: readonly string[], take?: (bytes: Buffer) => void) {
  const child = spawn('bash', ['-c', '"$@"; times >&2', 'bash', program, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said = text(child.stderr)
  const out = take ? Promise.resolve('') : text(child.stdout)
  if (take) child.stdout.on('data', take)
  await once(child, 'close')
  return { cpuMs: childrenMs(await said), out: await out } satisfies Ended
}

/** `0m0.044s 0m0.020s`, user and system, on the last line. */
function childrenMs(said: string): number {
  const times = [
    ...said
      .trim()
      .split('\n')
      .slice(-1)
      .join('')
      .matchAll(/(\d+)m([\d.]+)s/g),
  ]
  return times.reduce(
    (sum, [, minutes, seconds]) => sum + (Number(minutes) * 60 + Number(seconds)) * 1_000,
    0,
  )
}

// ---------------------------------------------------------------- the three

/** As in the daemon: ffmpeg scales the frames, and this process compares them. */
const ours: Watch = async (path, clip) => {
  const rules = { ...clipSize, sensitivity: 5, zones: [], minimumMs: 200, quietMs }
  const detector = createMotionDetector(rules)
  const greys = greySplitter(clipSize.widthPx * clipSize.heightPx)
  const before = process.cpuUsage()
  let [atMs, events, wasMoving] = [0, 0, false]
  const args = greyArguments({ ...size, grey: clipSize }, `-i ${path}`)
  const { cpuMs } = await run('ffmpeg', args, (bytes) => {
    for (const grey of greys.push(bytes)) {
      const { moving } = detector.see(grey, atMs)
      if (moving && !wasMoving && atMs >= clip.learnedByMs) events += 1
      wasMoving = moving
      atMs += 1_000 / takenPerSecond
    }
  })
  const { user, system } = process.cpuUsage(before)
  return { cpuMs: cpuMs + (user + system) / 1_000, events }
}

/**
 * Default settings, except for the size and the length of the gap between events. It does not learn,
 * so that all its events count.
 */
const motionOf =
  (folder: string): Watch =>
  async (path, clip) => {
    const [config, events] = [join(folder, 'motion.conf'), join(folder, 'events')]
    writeFileSync(events, '')
    const settings = {
      netcam_url: `file://${path}`,
      ...{ width: size.widthPx, height: size.heightPx, framerate: playedPerSecond },
      // The usual share of the frame.
      threshold: Math.round((1_500 * size.widthPx * size.heightPx) / (640 * 480)),
      event_gap: 1,
      ...{ pre_capture: 0, post_capture: 0, picture_output: 'off', movie_output: 'off' },
      ...{ stream_port: 0, webcontrol_port: 0, log_level: 1 },
      on_event_start: `echo >> ${events}`,
    }
    const lines = Object.entries(settings).map(([name, value]) => `${name} ${value}\n`)
    writeFileSync(config, lines.join(''))
    const seconds = String(clip.pictures.length / playedPerSecond + 2.5)
    const { cpuMs } = await run('timeout', ['-s', 'INT', seconds, 'motion', '-n', '-c', config])
    return { cpuMs, events: readFileSync(events, 'utf8').length }
  }

/** At the best of many thresholds, which a user would have to find first. */
const scene: Watch = async (path, clip) => {
  const args = ['-v', 'error', '-threads', '1', '-i', path, '-filter_threads', '1', '-vf']
  const { cpuMs } = await run('ffmpeg', [...args, "select='gt(scene,0.01)'", '-f', 'null', '-'])
  const print = "select='gte(scene,0)',metadata=print:file=-"
  const { out } = await run('ffmpeg', [...args, print, '-f', 'null', '-'])
  const scores = [...out.matchAll(/scene_score=([\d.]+)/g)].map(([, score]) => Number(score))
  const from = (clip.learnedByMs / 1_000) * takenPerSecond
  const tries = thresholds.map((least) => eventsIn(scores.slice(from), least))
  const off = (events: number) => Math.abs(events - clip.events)
  return { cpuMs, events: tries.toSorted((a, b) => off(a) - off(b))[0] ?? 0 }
}

const thresholds = [0.002, 0.005, 0.01, 0.02, 0.05]

function eventsIn(scores: readonly number[], least: number): number {
  const quiet = (quietMs / 1_000) * takenPerSecond
  let [events, last] = [0, Number.NEGATIVE_INFINITY]
  for (const [at, score] of scores.entries()) {
    if (score < least) continue
    if (at - last > quiet) events += 1
    last = at
  }
  return events
}
