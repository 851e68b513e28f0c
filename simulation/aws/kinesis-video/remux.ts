/** Puts stored fragments into fragmented MP4 with ffmpeg. */
import { spawn } from 'node:child_process'
import { buffer } from 'node:stream/consumers'
import { AwsError } from '../wire.ts'
import { fileOf } from './get-media.ts'
import type { StoredFragment } from './streams.ts'

const mp4Options = ['-f', 'mp4', '-movflags', '+frag_keyframe+empty_moov+default_base_moof']

export async function remuxToMp4(fragments: readonly StoredFragment[]): Promise<Buffer> {
  const child = spawn('ffmpeg', ['-v', 'error', '-i', '-', '-c', 'copy', ...mp4Options, '-'], {
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  const missing = new AwsError(501, 'NotImplemented', 'Playing video needs ffmpeg.')
  const absent = new Promise<never>((_, reject) => child.once('error', () => reject(missing)))
  // ffmpeg may stop reading as soon as it has enough.
  child.stdin.on('error', () => {})
  child.stdin.end(fileOf(fragments))
  return Promise.race([buffer(child.stdout), absent])
}

/** Everything before the first `moof` is the head that all fragments share. */
export function mp4Parts(file: Buffer): { readonly head: Buffer; readonly media: Buffer } {
  let at = 0
  while (at + 8 <= file.length && file.toString('latin1', at + 4, at + 8) !== 'moof') {
    at += Math.max(8, file.readUInt32BE(at))
  }
  return { head: file.subarray(0, at), media: file.subarray(at) }
}
