/** Memory is used again, but never while it is in use. */
import { expect, test } from 'vitest'
import { newAllocation, SlabPool } from '../../../device/recording/core/slabs.ts'

const parts = (...bytes: number[]) => bytes.map((byte, at) => Buffer.alloc(100 + at, byte))

test('a copy does not change when more is copied', () => {
  const memory = new SlabPool(64 * 1024, 8)
  const allocation = newAllocation()
  const wanted = Array.from({ length: 2_000 }, (_, at) => parts(at % 256, (at + 1) % 256))
  const copies = wanted.map((one) => memory.copy(allocation, one))
  expect(copies.every((copy, at) => copy.equals(Buffer.concat(wanted[at] ?? [])))).toBe(true)
})

test('freed memory is used again, but not before', () => {
  const memory = new SlabPool(64 * 1024, 8)
  const [first, second, third] = [newAllocation(), newAllocation(), newAllocation()]
  const one = memory.copy(first, parts(1))
  const other = memory.copy(second, parts(2))
  expect(other.buffer).not.toBe(one.buffer)
  memory.free(first)
  expect(memory.copy(third, parts(3)).buffer).toBe(one.buffer)
  expect(other[0]).toBe(2)
  // Freed twice it would be handed out twice.
  memory.free(first)
  expect(memory.copy(first, parts(4)).buffer).not.toBe(one.buffer)
})

test('a large frame has memory of its own, which is not kept for the next', () => {
  const memory = new SlabPool(64 * 1024, 8)
  const allocation = newAllocation()
  const large = memory.copy(allocation, [Buffer.alloc(1_000_000, 7)])
  expect(large).toHaveLength(1_000_000)
  memory.free(allocation)
  expect(memory.copy(allocation, parts(1)).buffer).not.toBe(large.buffer)
})
