/**
 * A network camera that sends JPEGs over HTTP. It shows a drawn street, and a visitor when the test
 * asks for one.
 */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { encodeJpeg } from '../../../simulation/scenes/encode-jpeg.ts'
import { clipOf, clipSize, type Picture } from './motion-clips.ts'

export interface SceneCamera {
  readonly url: string
  /** The number of connected clients. */
  watchers(): number
  /** The number of pictures sent. */
  sent(): number
  /** A visitor walks by once; resolves with the time at which enough of them was first sent. */
  visitorArrives(): Promise<number>
  /** Sends noise instead of pictures. */
  garbage(on: boolean): void
  close(): Promise<void>
}

const scale = 4
const walkSeconds = 4
const pictureMs = 100
const noise = randomBytes(50_000)

interface Drawn {
  readonly bytes: Buffer
  readonly hasVisitor: boolean
}

export async function startSceneCamera(): Promise<SceneCamera> {
  const clip = clipOf('a visit', { seconds: walkSeconds + 1, walks: [[1, walkSeconds + 1]] })
  const empty = clip.pictures.slice(0, 10).map(draw)
  /** Drawn when it is first needed. */
  let walk: readonly Drawn[] | null = null
  const watchers = new Set<ServerResponse>()
  let sent = 0
  let coming: Drawn[] = []
  let isGarbage = false
  let entered: (atMs: number) => void = () => {}

  const timer = setInterval(() => {
    const walking = coming.shift()
    const picture = walking ?? empty[sent % empty.length]
    if (!picture || watchers.size === 0) return
    sent += 1
    for (const response of watchers) send(response, isGarbage ? noise : picture.bytes)
    if (walking?.hasVisitor) entered(performance.now())
  }, pictureMs)
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'multipart/x-mixed-replace; boundary=picture' })
    watchers.add(response)
    response.once('close', () => watchers.delete(response))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/street`,
    watchers: () => watchers.size,
    sent: () => sent,
    visitorArrives() {
      const { promise, resolve } = Promise.withResolvers<number>()
      entered = (atMs) => {
        entered = () => {}
        resolve(atMs)
      }
      walk ??= clip.pictures.slice(10).map(draw)
      coming = [...walk]
      return promise
    },
    garbage(on) {
      isGarbage = on
    },
    async close() {
      clearInterval(timer)
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function send(response: ServerResponse, bytes: Buffer): void {
  const head = `--picture\r\ncontent-type: image/jpeg\r\ncontent-length: ${bytes.length}\r\n\r\n`
  response.write(head)
  response.write(bytes)
  response.write('\r\n')
}

/** Larger, and in colours that are all grey. */
function draw({ grey, hasVisitor }: Picture): Drawn {
  const [width, height] = [clipSize.widthPx * scale, clipSize.heightPx * scale]
  const pixels = new Uint32Array(width * height)
  for (let at = 0; at < pixels.length; at += 1) {
    const x = at % width
    const y = Math.floor(at / width)
    const level = grey[Math.floor(y / scale) * clipSize.widthPx + Math.floor(x / scale)] ?? 0
    pixels[at] = level * 0x01_01_01 + 0xff_00_00_00
  }
  const data = new Uint8Array(pixels.buffer)
  return { bytes: Buffer.from(encodeJpeg({ width, height, data }, 80)), hasVisitor }
}
