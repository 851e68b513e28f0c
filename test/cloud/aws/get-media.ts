/**
 * A stream of Kinesis Video for tests: real H.264 by ffmpeg, cut into fragments of one key frame
 * each and put together again as GetMedia sends it, by a server that never ends its answer.
 */
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { EbmlWalker } from '../../../cloud/aws/kinesis-video/ebml.ts'

const ids = { segment: 0x18538067, cluster: 0x1f43b675, info: 0x1549a966, tracks: 0x1654ae6b }
const [ebml, tags, timecode, simpleBlock] = [0x1a45dfa3, 0x1254c367, 0xe7, 0xa3]

export const sized = (id: number, content: Uint8Array): Buffer => {
  const head = Buffer.alloc(8)
  head.writeUInt32BE(content.length, 4)
  head[0] = 0x01
  return Buffer.concat([idOf(id), head, content])
}
export const unsized = (id: number): Buffer =>
  Buffer.concat([idOf(id), Buffer.from('01ffffffffffffff', 'hex')])
const idOf = (id: number): Buffer => Buffer.from(id.toString(16), 'hex')
const text = (id: number, value: string): Buffer => sized(id, Buffer.from(value))

export const tagsOf = (said: Readonly<Record<string, string>>): Buffer => {
  const simple = Object.entries(said).map(([name, value]) =>
    sized(0x67c8, Buffer.concat([text(0x45a3, name), text(0x4487, value)])),
  )
  return sized(tags, sized(0x7373, Buffer.concat([sized(0x63c0, Buffer.alloc(0)), ...simple])))
}

export interface Video {
  readonly header: Buffer
  /** The frames of one key frame each, with its own time first. */
  readonly clusters: readonly Buffer[]
}

export const framesPerFragment = 10

/** As many frames as there are pictures, ten in a second. */
export function encoded(jpegs: readonly Uint8Array[], more: readonly string[] = []): Video {
  const input = ['-f', 'mjpeg', '-framerate', '10', '-i', 'pipe:0']
  const codec = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-crf', '12']
  const keys = ['-g', String(framesPerFragment), '-keyint_min', String(framesPerFragment)]
  const cut = ['-sc_threshold', '0', '-f', 'matroska', '-dash', '1', '-live', '1', 'pipe:1']
  const all = ['-v', 'error', ...input, ...codec, ...keys, ...more, ...cut]
  const file = execFileSync('ffmpeg', all, { input: Buffer.concat(jpegs), maxBuffer: 1 << 28 })
  return takenApart(file)
}

function takenApart(file: Buffer): Video {
  const walker = new EbmlWalker({
    containers: new Set([ids.segment, ids.cluster]),
    wanted: new Set([ebml, ids.info, ids.tracks, timecode, simpleBlock]),
    mostBytes: 1 << 28,
  })
  const header: Uint8Array[] = []
  const clusters: Uint8Array[][] = []
  walker.push(file, ({ id, bytes }) => {
    if (id === ids.cluster) clusters.push([])
    else if (id === ids.segment) header.push(unsized(ids.segment))
    else if (clusters.length === 0) header.push(bytes)
    else clusters.at(-1)?.push(bytes)
  })
  return { header: Buffer.concat(header), clusters: clusters.map((one) => Buffer.concat(one)) }
}

export interface StreamFragment {
  readonly number: string
  readonly cluster: Buffer
  readonly said?: Readonly<Record<string, string>>
  /** Some producers speak first; the service sends it in the order it came. */
  readonly speaksFirst?: boolean
  readonly knownSize?: boolean
}

/** As in AWS's own capture: the whole header again for every fragment. */
export function getMediaBytes(header: Buffer, fragments: readonly StreamFragment[]): Buffer {
  return Buffer.concat(
    fragments.flatMap(({ number, cluster, said, speaksFirst = false, knownSize = false }) => {
      const own = said ? [tagsOf(said)] : []
      return [
        header,
        tagsOf({ AWS_KINESISVIDEO_FRAGMENT_NUMBER: number }),
        ...(speaksFirst ? own : []),
        ...(knownSize ? [sized(ids.cluster, cluster)] : [unsized(ids.cluster), cluster]),
        ...(speaksFirst ? [] : own),
        tagsOf({ AWS_KINESISVIDEO_MILLIS_BEHIND_NOW: '0' }),
      ]
    }),
  )
}

export interface MediaServer {
  readonly url: string
  readonly asked: readonly { readonly path: string; readonly body: unknown }[]
  /** How many answers are still open. */
  open(): number
  close(): Promise<void>
}

export async function startMediaServer(
  answer: () => { readonly status?: number; readonly code?: string; readonly bytes?: Buffer },
  partBytes = 1_000,
): Promise<MediaServer> {
  const asked: { path: string; body: unknown }[] = []
  const open = new Set<ServerResponse>()
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(Buffer.from(part))
    const path = request.url ?? ''
    asked.push({ path, body: JSON.parse(Buffer.concat(parts).toString()) })
    if (path === '/getDataEndpoint') {
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ DataEndpoint: url }))
      return
    }
    const { status = 200, code, bytes = Buffer.alloc(0) } = answer()
    if (code) {
      response.writeHead(status, { 'x-amzn-errortype': code, 'content-type': 'application/json' })
      response.end('{}')
      return
    }
    open.add(response)
    response.on('close', () => open.delete(response))
    response.writeHead(200, { 'content-type': 'video/webm' })
    for (let at = 0; at < bytes.length; at += partBytes) {
      response.write(bytes.subarray(at, at + partBytes))
      if (response.destroyed) return
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    asked,
    open: () => open.size,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
