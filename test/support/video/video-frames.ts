/** Test pictures, and video of them, made by ffmpeg. */
import { spawn } from 'node:child_process'
import { buffer } from 'node:stream/consumers'
import { type AccessUnit, accessUnitSplitter } from '../../../device/recording/core/access-units.ts'

export async function ffmpeg(args: readonly string[], input?: Uint8Array): Promise<Buffer> {
  const child = spawn('ffmpeg', ['-v', 'error', ...args], { stdio: ['pipe', 'pipe', 'inherit'] })
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  return buffer(child.stdout)
}

export interface Wanted {
  readonly frames: number
  readonly size?: string
  readonly framesPerSecond?: number
  readonly more?: readonly string[]
}

const source = ({ frames, size = '320x240', framesPerSecond = 10 }: Wanted): string[] => [
  ...['-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=${framesPerSecond}`],
  ...['-frames:v', String(frames)],
]

/** An H.264 byte stream with a key frame every two seconds. */
export const h264 = (wanted: Wanted): Promise<Buffer> => {
  const group = String((wanted.framesPerSecond ?? 10) * 2)
  return ffmpeg([
    ...source(wanted),
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-pix_fmt', 'yuv420p'],
    ...['-g', group, '-keyint_min', group, '-sc_threshold', '0', '-bf', '0'],
    ...['-x264-params', 'aud=1', ...(wanted.more ?? []), '-f', 'h264', '-'],
  ])
}

export async function accessUnits(wanted: Wanted): Promise<readonly AccessUnit[]> {
  const splitter = accessUnitSplitter()
  return [...splitter.push(await h264(wanted)), ...splitter.end()]
}

export async function jpegs(wanted: Wanted): Promise<readonly Buffer[]> {
  const stream = await ffmpeg([...source(wanted), '-c:v', 'mjpeg', '-q:v', '4', '-f', 'mjpeg', '-'])
  const starts: number[] = []
  const mark = Buffer.from([0xff, 0xd8, 0xff])
  for (let at = stream.indexOf(mark); at >= 0; at = stream.indexOf(mark, at + 3)) starts.push(at)
  return starts.map((at, index) => stream.subarray(at, starts[index + 1]))
}
