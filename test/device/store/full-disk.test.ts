/** The room that the store has reserved is enough for codes on a full disk. */
import { statSync } from 'node:fs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Store } from '../../../device/daemon/ports.ts'
import {
  close,
  codeOfFault,
  commitOf,
  exampleGrant,
  firstState,
  idOf,
  keep,
  rowsAfter,
} from '../../contracts/device/store.ts'
import { type SmallDisk, smallDisk } from '../../support/door/small-disk.ts'
import { type StoreFolder, storeFolder } from '../../support/door/store-folder.ts'

let disk: SmallDisk
let door: StoreFolder
let store: Store
beforeEach((context) => {
  disk = smallDisk(24) ?? context.skip('mounting a disk in memory requires root')
  door = storeFolder(disk.folder)
  return () => disk.end()
})
afterEach(() => door?.close())

const codes = Array.from({ length: 500 }, (_, index) => idOf(index + 1))
const longText = 'x'.repeat(450)

function grantCodes(): void {
  const changes = codes.map((grantId) => keep(exampleGrant({ grantId })))
  store.commit(commitOf({ state: firstState, changes }))
  store.tidy()
}

/** Writes somewhat more than a real entry. */
function useCodes(grantIds: readonly string[]): void {
  for (const [index, grantId] of grantIds.entries()) {
    const rows = rowsAfter(store.head(), 2).map((row) => ({ ...row, text: row.text + longText }))
    store.commit(
      commitOf({
        state: { time: { highWaterMs: 1_800_000_000_000 + index, uptimeMs: index } },
        changes: [close(grantId, 'used')],
        rows,
      }),
    )
  }
}

const warned = () => door.warnings.map(({ code }) => code)

test('500 codes can be used on a full disk', () => {
  store = door.open()
  grantCodes()
  disk.fill()
  useCodes(codes)
  expect(disk.freeBytes()).toBe(0)
  expect(store.head().seq).toBe(1_000)
  expect(codes.every((grantId) => store.grant(grantId)?.closed === 'used')).toBe(true)
})

test('500 codes can be used on a full disk, with idle times and a restart between', () => {
  store = door.open()
  grantCodes()
  disk.fill()
  for (let first = 0; first < 250; first += 10) {
    useCodes(codes.slice(first, first + 10))
    store.tidy()
  }
  store.close()
  expect(disk.freeBytes()).toBe(0)
  store = door.open()
  useCodes(codes.slice(250))
  expect(store.head().seq).toBe(1_000)
  expect(warned()).toEqual([])
})

test('the reserve is refilled as soon as there is room', () => {
  store = door.open()
  grantCodes()
  disk.fill()
  useCodes(codes)
  const more = () => store.commit(commitOf({ rows: rowsAfter(store.head(), 200) }))
  expect(
    codeOfFault(() => {
      for (;;) more()
    }),
  ).toBe('disk-full')
  const head = store.head()
  store.tidy()
  store.tidy()
  expect(warned()).toContain('disk-full')
  expect(new Set(warned()).size).toBe(1)
  disk.empty()
  store.tidy()
  disk.fill()
  expect(store.head()).toEqual(head)
  useCodes([])
  more()
  expect(store.head().seq).toBe(head.seq + 200)
})

test('a database on a full disk opens, warns, and refuses commits', () => {
  door.open().close()
  disk.fill()
  store = door.open()
  expect(warned()).toContain('disk-full')
  expect(store.load()).toBeNull()
  expect(codeOfFault(() => store.commit(commitOf({ state: firstState })))).toBe('disk-full')
  expect(store.load()).toBeNull()
  disk.empty()
  store.tidy()
  disk.fill()
  grantCodes()
  useCodes(codes)
  expect(store.head().seq).toBe(1_000)
})

test('on a disk too small for the reserve, the store works without it', () => {
  const tight = smallDisk(6)
  if (!tight) throw new Error('a second disk cannot be mounted')
  const small = storeFolder(tight.folder)
  try {
    store = small.open()
    expect(small.warnings.map(({ code }) => code)).toEqual(['disk-full'])
    expect(statSync(`${small.path}-wal`).size).toBeGreaterThan(4_000_000)
    grantCodes()
    useCodes(codes)
    expect(store.head().seq).toBe(1_000)
  } finally {
    small.close()
    tight.end()
  }
})
