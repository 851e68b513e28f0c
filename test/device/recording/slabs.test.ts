/** Memory that is used again, and never while somebody still looks at it. */
import { expect, test } from 'vitest'
import { newAllocation, SlabPool } from '../../../device/recording/core/slabs.ts'

const parts = (...bytes: number[]) => bytes.map((byte, at) => Buffer.alloc(100 + at, byte))

test('what is kept stays as it was, however much is kept behind it', () => {
  const memory = new SlabPool(64 * 1024, 8)
  const kept = newAllocation()
  const wanted = Array.from({ length: 2_000 }, (_, at) => parts(at % 256, (at + 1) % 256))
  const copies = wanted.map((one) => memory.copy(kept, one))
  expect(copies.every((copy, at) => copy.equals(Buffer.concat(wanted[at] ?? [])))).toBe(true)
})

test('what is free is used again by others, and by nobody before', () => {
  const memory = new SlabPool(64 * 1024, 8)
  const [first, second, third] = [newAllocation(), newAllocation(), newAllocation()]
  const one = memory.copy(first, parts(1))
  const other = memory.copy(second, parts(2))
  expect(other.buffer).not.toBe(one.buffer)
  memory.free(first)
  expect(memory.copy(third, parts(3)).buffer).toBe(one.buffer)
  expect(other[0]).toBe(2)
  // Given back twice it would be given out twice.
  memory.free(first)
  expect(memory.copy(first, parts(4)).buffer).not.toBe(one.buffer)
})

test('a frame larger than usual has memory of its own, which nobody holds on to', () => {
  const memory = new SlabPool(64 * 1024, 8)
  const kept = newAllocation()
  const large = memory.copy(kept, [Buffer.alloc(1_000_000, 7)])
  expect(large).toHaveLength(1_000_000)
  memory.free(kept)
  expect(memory.copy(kept, parts(1)).buffer).not.toBe(large.buffer)
})
