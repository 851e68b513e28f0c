/** Makes a picture smaller that is too large to be sent, with ffmpeg, which must be there anyway. */
import { spawn } from 'node:child_process'
import type { SizedJpeg, SmallerPictures } from '../../daemon/ports.ts'

export interface FfmpegPicturesDeps {
  readonly program?: string
  readonly withinMs?: number
}

/** Each smaller than the one before; nearly always the first is enough. */
const steps = [
  { mostPx: 1_280, quality: 6 },
  { mostPx: 960, quality: 8 },
  { mostPx: 640, quality: 12 },
] as const

const usualMs = 3_000
const longestOutputBytes = 8 * 1024 * 1024

export function ffmpegPictures(deps: FfmpegPicturesDeps = {}): SmallerPictures {
  return {
    async atMost(mostBytes, picture) {
      for (const { mostPx, quality } of steps) {
        const size = fitted(picture, mostPx)
        const jpeg = await converted(picture.jpeg, size, quality, deps)
        if (jpeg !== null && jpeg.length <= mostBytes) return { jpeg, ...size }
      }
      return null
    },
  }
}

type Size = Pick<SizedJpeg, 'widthPx' | 'heightPx'>

/** Even numbers, because colour is kept for four pixels together. */
function fitted({ widthPx, heightPx }: Size, mostPx: number): Size {
  const share = Math.min(1, mostPx / Math.max(widthPx, heightPx))
  const even = (px: number) => Math.max(2, Math.floor((px * share) / 2) * 2)
  return { widthPx: even(widthPx), heightPx: even(heightPx) }
}

function converted(
  jpeg: Uint8Array,
  { widthPx, heightPx }: Size,
  quality: number,
  { program = 'ffmpeg', withinMs = usualMs }: FfmpegPicturesDeps,
): Promise<Uint8Array | null> {
  const words = [
    ...['-hide_banner', '-nostdin', '-loglevel', 'quiet', '-threads', '1'],
    ...['-f', 'mjpeg', '-i', 'pipe:0', '-frames:v', '1', '-filter_threads', '1'],
    ...['-vf', `scale=${widthPx}:${heightPx}:flags=area:out_range=full,format=yuvj420p`],
    ...['-c:v', 'mjpeg', '-q:v', String(quality), '-threads', '1', '-f', 'mjpeg', 'pipe:1'],
  ]
  return new Promise((resolve) => {
    const child = spawn(program, words, { stdio: ['pipe', 'pipe', 'ignore'] })
    const parts: Buffer[] = []
    let length = 0
    const timer = setTimeout(() => child.kill('SIGKILL'), withinMs)
    child.once('error', () => resolve(null))
    child.once('close', (code) => {
      clearTimeout(timer)
      const whole = Buffer.concat(parts)
      resolve(code === 0 && whole[0] === 0xff && whole[1] === 0xd8 ? new Uint8Array(whole) : null)
    })
    child.stdout.on('data', (part: Buffer) => {
      parts.push(part)
      length += part.length
      if (length > longestOutputBytes) child.kill('SIGKILL')
    })
    child.stdin.on('error', () => {})
    child.stdin.end(jpeg)
  })
}
