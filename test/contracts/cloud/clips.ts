/** What every store of clips must do. */
import { randomBytes } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Clips } from '../../../cloud/ports.ts'

export interface ClipsUnderTest {
  readonly clips: Clips
  nowMs(): number
}

const folder = 'clips/maple-street_front/0123456789abcdef0123456789abcdef'
const fileName = 'maple-street_front-2026-01-02T03-04-05Z.mp4'
/** More than the six megabytes of a function's answer. */
const mp4 = randomBytes(9_000_000)

export function clipsContract(open: () => ClipsUnderTest): void {
  const put = (key: string, bytes = mp4) => open().clips.put({ key, mp4: bytes, fileName })

  describe('a stored clip', () => {
    let url = ''
    beforeAll(async () => {
      url = (await put(`${folder}/1.mp4`)).url
    })

    test('is fetched from its address, byte for byte, as a file with a name', async () => {
      const response = await fetch(url)
      expect(Object.fromEntries(response.headers)).toMatchObject({
        'content-type': 'video/mp4',
        'content-disposition': `attachment; filename="${fileName}"`,
        'cache-control': 'no-store',
      })
      expect(Buffer.from(await response.arrayBuffer()).equals(mp4)).toBe(true)
    })

    test('can be sought in, as players do', async () => {
      const response = await fetch(url, { headers: { range: 'bytes=1000-1999' } })
      expect(response.status).toBe(206)
      const part = Buffer.from(await response.arrayBuffer())
      expect(part.equals(mp4.subarray(1_000, 2_000))).toBe(true)
    })

    test('has an address for five minutes', async () => {
      const { expiresAtMs } = await put(`${folder}/2.mp4`)
      expect(expiresAtMs).toBe(open().nowMs() + 300_000)
      expect(new URL(url).searchParams.get('X-Amz-Expires')).toBe('300')
    })

    test('cannot be read with less than its whole URL', async () => {
      await put(`${folder}/3.mp4`)
      const [bare = ''] = url.split('?')
      const tries = [
        ...[bare, url.replace('/1.mp4?', '/3.mp4?'), url.replace('maple-street', 'oak-lane')],
        ...[url.replace('Expires=300', 'Expires=86400'), `${url}&response-content-type=text/html`],
      ]
      for (const address of tries) {
        const response = await fetch(address)
        await response.body?.cancel()
        expect(response.ok, address.slice(0, 200)).toBe(false)
      }
    })

    test('cannot be replaced or deleted by its URL', async () => {
      for (const method of ['PUT', 'DELETE']) {
        const response = await fetch(url, { method })
        await response.body?.cancel()
        expect(response.status).toBe(403)
      }
      expect((await fetch(url)).status).toBe(200)
    })

    test('takes the place of the one before', async () => {
      await put(`${folder}/4.mp4`)
      const second = await put(`${folder}/4.mp4`, randomBytes(1_000))
      expect((await (await fetch(second.url)).arrayBuffer()).byteLength).toBe(1_000)
    })
  })
}
