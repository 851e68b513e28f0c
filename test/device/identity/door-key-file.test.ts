import { mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  keysIn,
  oldCountsForMs,
  otherKeys,
  readKeys,
  writeKeys,
} from '../../../device/identity/door-key-file.ts'

const [own, other] = ['a'.repeat(64), 'b'.repeat(64)]
const bytes = (key: string) => Buffer.from(key, 'hex')

let folder: string
let path: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'smart-door-key-'))
  path = join(folder, 'door-key')
})
afterEach(() => rmSync(folder, { recursive: true }))

const counting = (startedWith: string) =>
  otherKeys(path, bytes(startedWith)).map((key) => key.export().toString('hex'))

test('holds one key, as openssl writes it or as provision does', () => {
  for (const content of [own, `${own}\n`]) {
    expect(keysIn(content)).toEqual({ own, next: null, old: null })
  }
})

test.each(['', 'a'.repeat(63), `${own}\n${other}`, `${own}\nnext ${'g'.repeat(64)}`, `${own}x`])(
  'is not believed when it is %j',
  (content) => expect(keysIn(content)).toBeNull(),
)

test('is written for its owner only, and read back', () => {
  for (const keys of [
    { own, next: null, old: null },
    { own, next: other, old: null },
    { own, next: null, old: other },
  ]) {
    writeKeys(path, keys)
    expect(readKeys(path)).toEqual(keys)
  }
  expect(statSync(path).mode & 0o777).toBe(0o600)
})

test('has the next key beside it for as long as that is the next', () => {
  writeKeys(path, { own, next: other, old: null })
  utimesSync(path, 0, 0)
  expect(counting(own)).toEqual([other])
})

test('has the old key beside it for a while only', () => {
  writeKeys(path, { own: other, next: null, old: own })
  expect(counting(other)).toEqual([own])
  for (const atMs of [Date.now() - oldCountsForMs - 1_000, Date.now() + 60_000]) {
    utimesSync(path, atMs / 1_000, atMs / 1_000)
    expect(counting(other)).toEqual([])
  }
})

test('tells a daemon that was started with the old key of the new one, for good', () => {
  writeKeys(path, { own: other, next: null, old: own })
  utimesSync(path, 0, 0)
  expect(counting(own)).toEqual([other])
})

test('has nothing beside it when it is gone or spoilt', () => {
  expect(counting(own)).toEqual([])
  writeFileSync(path, 'spoilt')
  expect(counting(own)).toEqual([])
})
