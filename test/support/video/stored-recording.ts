/** Stores recordings in a stand-in through a door's own uplink, and plays them. */
import { expect } from 'vitest'
import type { AwsServer } from '../../../simulation/aws/server.ts'
import { accessUnits, ffmpeg } from './video-frames.ts'
import { endlessFrames, testedUplink } from './video-uplink.ts'

export interface StoredRecording {
  readonly streamName: string
  readonly startMs: number
  readonly frames: number
  /** Each frame is larger than a hundred kilobytes. */
  readonly noisy?: boolean
}

const noise = ['-vf', 'noise=alls=100:allf=t', '-qp', '1']

const encode = (noisy: boolean) => accessUnits({ frames: 40, ...(noisy && { more: noise }) })
const encoded = new Map<boolean, ReturnType<typeof encode>>()

/** Encoded once, as every recording repeats the same frames. */
function unitsOf(noisy: boolean): ReturnType<typeof encode> {
  const units = encoded.get(noisy) ?? encode(noisy)
  encoded.set(noisy, units)
  return units
}

/** Ten frames a second; settles when all of it is stored. */
export async function storeRecording(
  standIn: AwsServer,
  { streamName, startMs, frames, noisy = false }: StoredRecording,
): Promise<void> {
  const tested = testedUplink(standIn, { streamName })
  const source = endlessFrames(await unitsOf(noisy), startMs)
  tested.uplink.begin({})
  for (let frame = 0; frame < frames; frame += 1) {
    const { unit, atMs } = source.next()
    tested.uplink.frame(unit, atMs)
  }
  tested.uplink.end()
  await expect.poll(() => tested.uplink.figures().phase).toBe('idle')
  await tested.close()
}

/** The number of frames that a player would show. */
export async function framesIn(mp4: Uint8Array): Promise<number> {
  const listed = await ffmpeg(['-i', '-', '-fps_mode', 'passthrough', '-f', 'framemd5', '-'], mp4)
  return listed
    .toString()
    .split('\n')
    .filter((line) => /^\d/.test(line)).length
}

const linesOf = async (url: URL) => (await (await fetch(url)).text()).split('\n')

/** What a player of this address fetches, in order. */
export async function played(sessionUrl: string): Promise<readonly Buffer[]> {
  const master = new URL(sessionUrl)
  const [media = ''] = (await linesOf(master)).filter((line) => line.startsWith('getHLSMedia'))
  const playlist = new URL(media, master)
  const fetched = async (path: string) =>
    Buffer.from(await (await fetch(new URL(path, playlist))).arrayBuffer())
  const parts: Buffer[] = []
  let init = Buffer.alloc(0)
  for (const line of await linesOf(playlist)) {
    const [, map] = /^#EXT-X-MAP:URI="([^"]+)"/.exec(line) ?? []
    if (map !== undefined) init = await fetched(map)
    else if (line.startsWith('get')) parts.push(Buffer.concat([init, await fetched(line)]))
  }
  return parts
}
