/** What every store of photos must do. */
import { createHash, randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Photos } from '../../../cloud/ports.ts'
import { type AwsServer, startAws } from '../../../simulation/aws/server.ts'
import type { ServiceName } from '../../../simulation/aws/wire.ts'
import { testProof } from '../../support/effort.ts'
import {
  type ClientSettings,
  clientSettings,
  type Reply,
  startScriptedService,
} from '../../support/network/scripted-service.ts'

export interface PhotosBench {
  readonly place: string
  make(settings: ClientSettings): Photos
  /** As a door does it, with notes beside the photo. */
  putFromOutside(
    settings: ClientSettings,
    key: string,
    bytes: Uint8Array,
    notes: Record<string, string>,
  ): Promise<void>
  readonly service: ServiceName
  /** A success as a whole, in which one photo was not removed. */
  readonly notRemoved: Reply
}

const key = 'visitors/maple-street/0123456789abcdef0123456789abcdef/photo.jpg'
const bytes = randomBytes(70_000)
const sha256 = createHash('sha256').update(bytes).digest('hex')
const mostBytes = 10_000_000

export function photosContract(name: string, bench: PhotosBench): void {
  describe(`photos in ${name}`, () => {
    let standIn: AwsServer
    let nowMs = 0
    let photos: Photos
    const settings = () => clientSettings(standIn.url)
    const put = (at: string, content: Uint8Array, notes: Record<string, string> = {}) =>
      bench.putFromOutside(settings(), at, content, notes)

    beforeEach(async () => {
      nowMs = Date.now()
      standIn = await startAws({ buckets: [bench.place], nowMs: () => nowMs })
      photos = bench.make(settings())
    })
    afterEach(() => standIn.close())

    test('byte for byte, and says which they are', async () => {
      expect(await photos.write(key, bytes)).toEqual({ key, sha256 })
      const read = await photos.read(key)
      expect(read).toMatchObject({ key, sha256, visitNumber: null })
      expect(Buffer.from(read?.bytes ?? []).equals(bytes)).toBe(true)
    })

    test('and has none where there is none', async () => {
      expect(await photos.read(key)).toBeNull()
    })

    test('and replaces the one that was there', async () => {
      await photos.write(key, bytes)
      await photos.write(key, new Uint8Array([1]))
      expect((await photos.read(key))?.bytes).toHaveLength(1)
    })

    test.each([
      ['7', 7],
      ['999', 999],
      ['0', null],
      ['07', null],
      ['1000', null],
      ['-1', null],
      ['1e2', null],
      ['nonsense', null],
    ])('with the visit number that the door wrote beside it: %s', async (text, visitNumber) => {
      await put(key, bytes, { 'visit-number': text })
      expect(await photos.read(key)).toMatchObject({ visitNumber })
    })

    test('but takes nothing huge into memory', async () => {
      await put(key, new Uint8Array(mostBytes + 1))
      expect(await photos.read(key)).toBeNull()
      await put(key, new Uint8Array(mostBytes))
      expect((await photos.read(key))?.bytes).toHaveLength(mostBytes)
    })

    testProof(
      'and lists those of one beginning, with the time of each, over many pages',
      async () => {
        const keys = Array.from({ length: 1_001 }, (_, at) => `snapshots/a/${10_000 + at}.jpg`)
        await everyOne(keys, (one) => put(one, new Uint8Array([1])))
        await put('snapshots/b/1.jpg', bytes)
        const found = await photos.list('snapshots/a/')
        expect(found.map((one) => one.key)).toEqual(keys)
        expect(Math.abs((found[0]?.atMs ?? 0) - nowMs)).toBeLessThan(1_000)

        await photos.remove(keys)
        expect(await photos.list('snapshots/')).toMatchObject([{ key: 'snapshots/b/1.jpg' }])
      },
    )

    test('and removes them, also twice', async () => {
      await photos.write(key, bytes)
      await photos.remove([key, 'visitors/nobody/photo.jpg'])
      await photos.remove([key])
      await photos.remove([])
      expect(await photos.read(key)).toBeNull()
      expect(await photos.list('')).toEqual([])
    })

    test('or says that one could not be removed', async () => {
      const scripted = await startScriptedService()
      scripted.answer(bench.notRemoved)
      const removing = bench.make(clientSettings(scripted.url)).remove([key])
      await expect(removing).rejects.toHaveProperty('code', 'PHOTOS_NOT_REMOVED')
      await scripted.close()
    })

    test('even when the service is busy at first', async () => {
      standIn.fault({ service: bench.service, kind: 'throttle', nth: 1 })
      await photos.write(key, bytes)
      expect(await photos.read(key)).toMatchObject({ sha256 })
    })
  })

  describe(`${name} lets a browser upload a photo`, () => {
    let standIn: AwsServer
    let photos: Photos
    const raw = 'raw/maple-street/0123456789abcdef0123456789abcdef.jpg'

    beforeEach(async () => {
      standIn = await startAws({ buckets: [bench.place] })
      photos = bench.make(clientSettings(standIn.url))
    })
    afterEach(() => standIn.close())

    async function upload(content: Uint8Array, changes: Record<string, string> = {}) {
      const { url, fields } = await photos.uploadForm(raw)
      const form = new FormData()
      for (const [field, value] of Object.entries({ ...fields, ...changes })) {
        form.append(field, value)
      }
      form.append('file', new Blob([Buffer.from(content)]))
      return (await fetch(url, { method: 'POST', body: form })).status
    }

    test('to the one key', async () => {
      expect(await upload(bytes)).toBe(204)
      expect(await photos.read(raw)).toMatchObject({ sha256 })
    })

    test('but to no other', async () => {
      expect(await upload(bytes, { key: 'visitors/maple-street/other.jpg' })).toBe(403)
      expect(await photos.list('')).toEqual([])
    })

    test('but nothing that calls itself something else', async () => {
      expect(await upload(bytes, { 'Content-Type': 'text/html' })).toBe(403)
    })

    test('but nothing empty and nothing huge', async () => {
      expect(await upload(new Uint8Array())).toBe(400)
      expect(await upload(new Uint8Array(mostBytes + 1))).toBe(400)
    })

    test('but not with notes that only doors write', async () => {
      expect(await upload(bytes, { 'x-amz-meta-visit-number': '7' })).toBe(403)
    })

    test('but not later than in five minutes', async () => {
      const { fields } = await photos.uploadForm(raw)
      const policy = JSON.parse(Buffer.from(fields['Policy'] ?? '', 'base64').toString('utf8'))
      const leftMs = Date.parse(policy.expiration) - Date.now()
      expect(leftMs).toBeGreaterThan(4 * 60_000)
      expect(leftMs).toBeLessThanOrEqual(5 * 60_000)
    })
  })
}

const atOnce = 20

async function everyOne(keys: readonly string[], doing: (key: string) => Promise<void>) {
  for (let at = 0; at < keys.length; at += atOnce) {
    await Promise.all(keys.slice(at, at + atOnce).map(doing))
  }
}
