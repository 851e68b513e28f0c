/** Makes pictures smaller with ffmpeg. */
import { spawn } from 'node:child_process'
import type { SizedJpeg, SmallerPictures } from '../../daemon/ports.ts'

interface FfmpegPicturesDeps {
  readonly program?: string
  readonly withinMs?: number
}

/** Tried in turn; nearly always the first is enough. */
const steps = [
  { longestSidePx: 1_280, quality: 6 },
  { longestSidePx: 960, quality: 8 },
  { longestSidePx: 640, quality: 12 },
] as const

const usualMs = 3_000
const longestOutputBytes = 8 * 1024 * 1024

export function ffmpegPictures(deps: FfmpegPicturesDeps = {}): SmallerPictures {
  return {
    async atMost(mostBytes, picture) {
      for (const { longestSidePx, quality } of steps) {
        const size = fitted(picture, longestSidePx)
        const jpeg = await converted(picture.jpeg, size, quality, deps)
        if (jpeg !== null && jpeg.length <= mostBytes) return { jpeg, ...size }
      }
      return null
    },
  }
}

type Size = Pick<SizedJpeg, 'widthPx' | 'heightPx'>

/** Even numbers, because four pixels share a colour. */
function fitted({ widthPx, heightPx }: Size, longestSidePx: number): Size {
  const share = Math.min(1, longestSidePx / Math.max(widthPx, heightPx))
  const even = (px: number) => Math.max(2, Math.floor((px * share) / 2) * 2)
  return { widthPx: even(widthPx), heightPx: even(heightPx) }
}

function converted(
  jpeg: Uint8Array,
  { widthPx, heightPx }: Size,
  quality: number,
  { program = 'ffmpeg', withinMs = usualMs }: FfmpegPicturesDeps,
): Promise<Uint8Array | null> {
  const input = '-hide_banner -nostdin -loglevel quiet -threads 1 -f mjpeg -i pipe:0 -frames:v 1'
  const scale = `scale=${widthPx}:${heightPx}:flags=area:out_range=full,format=yuvj420p`
  const output = `-c:v mjpeg -q:v ${quality} -threads 1 -f mjpeg pipe:1`
  const args = `${input} -filter_threads 1 -vf ${scale} ${output}`.split(' ')
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'ignore'] })
    const parts: Buffer[] = []
    let length = 0
    const timer = setTimeout(() => child.kill('SIGKILL'), withinMs)
    child.once('error', () => resolve(null))
    child.once('close', (code) => {
      clearTimeout(timer)
      const whole = Buffer.concat(parts)
      const isJpeg = whole[0] === 0xff && whole[1] === 0xd8
      resolve(code === 0 && isJpeg ? new Uint8Array(whole) : null)
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
