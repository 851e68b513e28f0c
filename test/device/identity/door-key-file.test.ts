import { mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  oldKeyValidMs,
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

function parsed(content: string) {
  writeFileSync(path, content)
  return readKeys(path)
}
const others = (startedWith: string) =>
  otherKeys(path, bytes(startedWith)).map((key) => key.export().toString('hex'))

test('reads one key, as openssl or provision writes it', () => {
  for (const content of [own, `${own}\n`]) {
    expect(parsed(content)).toEqual({ own, next: null, old: null })
  }
})

test.each(['', 'a'.repeat(63), `${own}\n${other}`, `${own}\nnext ${'g'.repeat(64)}`, `${own}x`])(
  'is invalid: %j',
  (content) => expect(parsed(content)).toBeNull(),
)

test('writes a file that only its owner can read', () => {
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

test('accepts the next key without limit', () => {
  writeKeys(path, { own, next: other, old: null })
  utimesSync(path, 0, 0)
  expect(others(own)).toEqual([other])
})

test('accepts the old key for a limited time', () => {
  writeKeys(path, { own: other, next: null, old: own })
  expect(others(other)).toEqual([own])
  for (const atMs of [Date.now() - oldKeyValidMs - 1_000, Date.now() + 60_000]) {
    utimesSync(path, atMs / 1_000, atMs / 1_000)
    expect(others(other)).toEqual([])
  }
})

test('gives a daemon that started with the old key the new one', () => {
  writeKeys(path, { own: other, next: null, old: own })
  utimesSync(path, 0, 0)
  expect(others(own)).toEqual([other])
})

test('gives no other keys when the file is missing or invalid', () => {
  expect(others(own)).toEqual([])
  writeFileSync(path, 'invalid')
  expect(others(own)).toEqual([])
})
