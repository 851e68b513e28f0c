/** Bytes that the ring has handed out do not change while a connection may hold them. */
import { expect, test } from 'vitest'
import { FragmentRing } from '../../../device/recording/core/fragment-ring.ts'

const track = { avcC: Buffer.from([1]), width: 640, height: 480 }

test('a fragment that is acknowledged before all of it was sent is not overwritten', () => {
  const ring = new FragmentRing({ memoryBytes: 1_000_000, diskBytes: 1_000_000 })
  ring.open(1_000, track)
  ring.grow([Buffer.alloc(10_000, 1)])
  ring.enter(1)
  const sent = ring.next()
  ring.persisted(1_000)
  ring.complete(null)
  ring.open(2_000, track)
  ring.grow([Buffer.alloc(10_000, 2)])
  expect(sent.kind === 'bytes' && new Set(sent.bytes)).toEqual(new Set([1]))
})
