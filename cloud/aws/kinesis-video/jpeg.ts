/** One frame of a fragment as a JPEG, by ffmpeg: a decoder is nothing to write oneself. */
import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'

export class FfmpegFault extends Error {
  override readonly name = 'FfmpegFault'
  readonly code: 'missing' | 'timeout'
  constructor(code: FfmpegFault['code'], message: string) {
    super(message)
    this.code = code
  }
}

const decodeWithinMs = 10_000
/** Rekognition takes no larger picture. */
const largestJpegBytes = 5 * 1024 * 1024

/** Null when ffmpeg can make no picture of it. */
export async function jpegOf(
  ffmpeg: string,
  matroska: Uint8Array,
  frame: number,
): Promise<Uint8Array | null> {
  const child = spawn(ffmpeg, argumentsFor(frame), { stdio: ['pipe', 'pipe', 'pipe'] })
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', (fault) => reject(missing(ffmpeg, fault)))
    child.once('close', resolve)
  })
  const tooLate = setTimeout(() => child.kill('SIGKILL'), decodeWithinMs)
  // It stops reading once it has its frame; that is no fault.
  child.stdin.on('error', () => {})
  child.stdin.end(matroska)
  const words = text(child.stderr).catch(() => '')
  try {
    const [code, jpeg] = await Promise.all([ended, gathered(child.stdout)])
    await words
    if (child.signalCode === 'SIGKILL') throw new FfmpegFault('timeout', 'ffmpeg took too long.')
    return code === 0 && jpeg.length > 0 ? jpeg : null
  } finally {
    clearTimeout(tooLate)
  }
}

const argumentsFor = (frame: number): string[] => [
  ...['-hide_banner', '-loglevel', 'error', '-threads', '1'],
  ...['-f', 'matroska', '-i', 'pipe:0', '-an', '-vf', `select=eq(n\\,${frame})`],
  ...['-frames:v', '1', '-q:v', '3', '-f', 'mjpeg', 'pipe:1'],
]

async function gathered(stream: AsyncIterable<Buffer>): Promise<Uint8Array> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of stream) {
    bytes += part.length
    if (bytes <= largestJpegBytes) parts.push(part)
  }
  return bytes <= largestJpegBytes ? Buffer.concat(parts) : new Uint8Array(0)
}

function missing(ffmpeg: string, fault: Error): Error {
  if (!('code' in fault) || (fault.code !== 'ENOENT' && fault.code !== 'EACCES')) return fault
  const say = `There is no ffmpeg at ${ffmpeg}: add the layer that holds it, or set FFMPEG_PATH.`
  return new FfmpegFault('missing', say)
}
