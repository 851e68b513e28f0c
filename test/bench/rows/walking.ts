/**
 * Parsing GetMedia's answer, beside the fastest parser on npm: both find every frame and its time in
 * the same chunks.
 */
import type { Decoder } from 'ts-ebml'
import { EbmlWalker } from '../../../cloud/aws/kinesis-video/ebml.ts'
import { kinds } from '../../../cloud/aws/kinesis-video/fragment.ts'
import { chunkOf } from '../../../simulation/aws/kinesis-video/get-media.ts'
import { startAws } from '../../../simulation/aws/server.ts'
import { accessUnits } from '../../support/video/video-frames.ts'
import { endlessFrames, testedUplink } from '../../support/video/video-uplink.ts'
import { median } from '../support/figures.ts'
import { type Row, rowOf } from '../support/row.ts'
import type { Workshop } from '../support/workshop.ts'

const full = { seconds: 120, rounds: 9, passes: 20 }
const quick = { seconds: 4, rounds: 1, passes: 1 }

const pieceBytes = 16 * 1024
const framesPerSecond = 10
const simpleBlock = 0xa3
const bitrate = ['-b:v', '800k', '-maxrate', '800k', '-bufsize', '800k']

interface Seen {
  frames: number
  /** The sum of the times within fragments, so that neither side can skip them. */
  ticks: number
}

/** The package replaces the global `Map` with an old polyfill. */
async function peer(): Promise<typeof import('ts-ebml')> {
  const { Map: real } = globalThis
  const loaded = await import('ts-ebml')
  globalThis.Map = real
  return loaded
}

export async function benchWalking(workshop: Workshop): Promise<Row[]> {
  const { Decoder: TheirDecoder } = await peer()
  const { seconds, rounds, passes } = workshop.quick ? quick : full
  const stream = await mediaOf(seconds * framesPerSecond)
  const pieces: Buffer[] = []
  for (let at = 0; at < stream.length; at += pieceBytes) {
    pieces.push(stream.subarray(at, at + pieceBytes))
  }
  workshop.say(`walking: ${(stream.length / 1e6).toFixed(1)} MB, ${rounds} rounds`)
  // In the form that it needs; the conversion is not measured.
  const theirPieces = pieces.map((piece) => new Uint8Array(piece).buffer)
  const [ours, theirs] = [walkedByUs(pieces), walkedByThem(new TheirDecoder(), theirPieces)]
  if (JSON.stringify(ours) !== JSON.stringify(theirs)) throw new Error('They saw different frames.')
  const megabytes = (stream.length * passes) / 1e6
  const cpu = { ours: [] as number[], peers: [] as number[] }
  for (let round = 0; round < rounds; round += 1) {
    cpu.ours.push(cpuMs(passes, () => walkedByUs(pieces)) / megabytes)
    cpu.peers.push(cpuMs(passes, () => walkedByThem(new TheirDecoder(), theirPieces)) / megabytes)
  }
  return [
    rowOf({
      row: 'video, taking GetMedia apart, CPU per MB',
      unit: 'ms',
      ours: median(cpu.ours),
      peer: median(cpu.peers),
      peerIs: 'ts-ebml',
      target: 0.2,
      figures: { megabytesPerSecond: 1_000 / median(cpu.ours), frames: ours.frames },
    }),
  ]
}

function walkedByUs(pieces: readonly Buffer[]): Seen {
  const walker = new EbmlWalker(kinds)
  const seen = { frames: 0, ticks: 0 }
  for (const piece of pieces) {
    walker.push(piece, (element) => {
      if (element.id === simpleBlock) take(seen, element.beginning(4))
    })
  }
  return seen
}

function walkedByThem(decoder: Decoder, pieces: readonly ArrayBuffer[]): Seen {
  const seen = { frames: 0, ticks: 0 }
  for (const piece of pieces) {
    for (const element of decoder.decode(piece)) {
      if (element.name === 'SimpleBlock' && 'data' in element) take(seen, element.data)
    }
  }
  return seen
}

/** After one byte for the track. */
function take(seen: Seen, block: Uint8Array): void {
  seen.frames += 1
  seen.ticks += ((block[1] ?? 0) << 8) | (block[2] ?? 0)
}

function cpuMs(passes: number, work: () => void): number {
  const before = process.cpuUsage()
  for (let pass = 0; pass < passes; pass += 1) work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1_000
}

/** A door's upload as the stand-in returns it, with the whole header in every fragment. */
async function mediaOf(frames: number): Promise<Buffer> {
  const standIn = await startAws({ videoStreams: ['front'] })
  const tested = testedUplink(standIn)
  const units = await accessUnits({ frames, size: '640x480', more: bitrate })
  const source = endlessFrames(units, Date.now())
  tested.uplink.begin({ VISIT_ID: 'ab'.repeat(16), VISIT_NUMBER: '7' })
  for (let nth = 0; nth < frames; nth += 1) {
    const { unit, atMs } = source.next()
    tested.uplink.frame(unit, atMs)
  }
  tested.uplink.end()
  while (tested.uplink.figures().phase !== 'idle') await new Promise((r) => setTimeout(r, 20))
  await tested.close()
  const { fragments } = standIn.video.stream('front')
  await standIn.close()
  return Buffer.concat(fragments.map((fragment) => chunkOf(fragment, Date.now())))
}
