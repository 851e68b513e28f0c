/** Decodes one frame of a fragment with ffmpeg. */
import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'

class FfmpegFault extends Error {
  override readonly name = 'FfmpegFault'
  readonly code: 'missing' | 'timeout'
  constructor(code: FfmpegFault['code'], message: string) {
    super(message)
    this.code = code
  }
}

const decodeWithinMs = 10_000
/** Rekognition accepts no larger picture. */
const largestJpegBytes = 5 * 1024 * 1024

/** Null when ffmpeg cannot decode it. */
export async function jpegOf(
  ffmpeg: string,
  matroska: Uint8Array,
  frame: number,
): Promise<Uint8Array | null> {
  const child = spawn(ffmpeg, argumentsFor(frame), { stdio: ['pipe', 'pipe', 'pipe'] })
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', (fault) => reject(explained(ffmpeg, fault)))
    child.once('close', resolve)
  })
  const timeout = setTimeout(() => child.kill('SIGKILL'), decodeWithinMs)
  // ffmpeg stops reading once it has its frame.
  child.stdin.on('error', () => {})
  child.stdin.end(matroska)
  const complaints = text(child.stderr).catch(() => '')
  try {
    const [code, jpeg] = await Promise.all([ended, readOutput(child.stdout)])
    await complaints
    if (child.signalCode === 'SIGKILL') throw new FfmpegFault('timeout', 'ffmpeg took too long.')
    return code === 0 && jpeg.length > 0 ? jpeg : null
  } finally {
    clearTimeout(timeout)
  }
}

const argumentsFor = (frame: number): string[] => {
  const input = '-hide_banner -loglevel error -threads 1 -f matroska -i pipe:0 -an'.split(' ')
  const output = '-frames:v 1 -q:v 3 -f mjpeg pipe:1'.split(' ')
  return [...input, '-vf', `select=eq(n\\,${frame})`, ...output]
}

async function readOutput(stream: AsyncIterable<Buffer>): Promise<Uint8Array> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of stream) {
    bytes += part.length
    if (bytes <= largestJpegBytes) parts.push(part)
  }
  return bytes <= largestJpegBytes ? Buffer.concat(parts) : new Uint8Array(0)
}

function explained(ffmpeg: string, fault: Error): Error {
  if (!('code' in fault) || (fault.code !== 'ENOENT' && fault.code !== 'EACCES')) return fault
  const advice = 'Add the layer that holds it, or set FFMPEG_PATH.'
  return new FfmpegFault('missing', `There is no ffmpeg at ${ffmpeg}. ${advice}`)
}
