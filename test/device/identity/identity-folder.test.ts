import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  certificateIdIn,
  checkRoom,
  readIdentity,
  removeUnusedIdentities,
  saveIdentity,
} from '../../../device/identity/identity-folder.ts'

let folder: string

beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'smart-door-identity-')), 'identity')
})
afterEach(() => rmSync(join(folder, '..'), { recursive: true }))

const pair = (name: string) => ({
  certificate: `certificate ${name}`,
  key: `key ${name}`,
  certificateId: name,
})
const modeOf = (path: string) => statSync(join(folder, path)).mode & 0o777

test('saves an identity that only its owner can read', () => {
  expect(certificateIdIn(folder)).toBeNull()
  saveIdentity(folder, pair('one'))
  const { certificate, key } = pair('one')
  expect(readIdentity(folder, null)).toEqual({ certificate, key, authority: null })
  expect(certificateIdIn(folder)).toBe('one')
  expect([modeOf('.'), modeOf('current'), modeOf('current/private-key.pem')]).toEqual([
    0o700, 0o700, 0o600,
  ])
})

test('replaces a pair as a whole, and removes the old one on request', () => {
  saveIdentity(folder, pair('one'))
  saveIdentity(folder, pair('two'))
  expect(readIdentity(folder, null)).toMatchObject({
    key: 'key two',
    certificate: 'certificate two',
  })
  expect(readdirSync(folder).sort()).toEqual(['1', '2', 'current'])
  removeUnusedIdentities(folder)
  expect(existsSync(join(folder, '1'))).toBe(false)
  expect(certificateIdIn(folder)).toBe('two')
})

test('saves an identity after an interrupted run', () => {
  saveIdentity(folder, pair('one'))
  saveIdentity(folder, pair('two'))
  rmSync(join(folder, 'current'))
  saveIdentity(folder, pair('three'))
  expect(certificateIdIn(folder)).toBe('three')
})

test('checks that there is room, after removing unused pairs', () => {
  checkRoom(folder, null)
  expect(readdirSync(folder)).toEqual([])
  saveIdentity(folder, pair('one'))
  mkdirSync(join(folder, '5'))
  checkRoom(folder, null)
  expect(readdirSync(folder).sort()).toEqual(['1', 'current'])
  mkdirSync(join(folder, 'probe'))
  expect(() => checkRoom(folder, null)).toThrow()
})

test('refuses a key that other users can read', () => {
  saveIdentity(folder, pair('one'))
  chmodSync(join(folder, 'current', 'private-key.pem'), 0o640)
  expect(() => readIdentity(folder, null)).toThrow('Other users')
})
