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
  forgetOldIdentities,
  keepIdentity,
  readIdentity,
} from '../../../device/identity/identity-folder.ts'

let folder: string

beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'smart-door-identity-')), 'identity')
})
afterEach(() => rmSync(join(folder, '..'), { recursive: true }))

const pair = (name: string) => ({
  ...{ certificate: `certificate ${name}`, key: `key ${name}`, certificateId: name },
})
const modeOf = (path: string) => statSync(join(folder, path)).mode & 0o777

test('keeps what it is given, for its owner only', () => {
  expect(certificateIdIn(folder)).toBeNull()
  keepIdentity(folder, pair('one'))
  const { certificate, key } = pair('one')
  expect(readIdentity(folder, null)).toEqual({ certificate, key, authority: null })
  expect(certificateIdIn(folder)).toBe('one')
  expect([modeOf('.'), modeOf('current'), modeOf('current/private-key.pem')]).toEqual([
    ...[0o700, 0o700, 0o600],
  ])
})

test('changes to a new pair as a whole, and forgets the old one only when told to', () => {
  keepIdentity(folder, pair('one'))
  keepIdentity(folder, pair('two'))
  expect(readIdentity(folder, null)).toMatchObject({
    key: 'key two',
    certificate: 'certificate two',
  })
  expect(readdirSync(folder).sort()).toEqual(['1', '2', 'current'])
  forgetOldIdentities(folder)
  expect(existsSync(join(folder, '1'))).toBe(false)
  expect(certificateIdIn(folder)).toBe('two')
})

test('goes on after a run that was cut off before its end', () => {
  keepIdentity(folder, pair('one'))
  keepIdentity(folder, pair('two'))
  rmSync(join(folder, 'current'))
  keepIdentity(folder, pair('three'))
  expect(certificateIdIn(folder)).toBe('three')
})

test('has room, or says so before anybody certifies a pair; what never counted is gone then', () => {
  checkRoom(folder, null)
  expect(readdirSync(folder)).toEqual([])
  keepIdentity(folder, pair('one'))
  mkdirSync(join(folder, '5'))
  checkRoom(folder, null)
  expect(readdirSync(folder).sort()).toEqual(['1', 'current'])
  mkdirSync(join(folder, 'probe'))
  expect(() => checkRoom(folder, null)).toThrow()
})

test('is not used where others can read the key', () => {
  keepIdentity(folder, pair('one'))
  chmodSync(join(folder, 'current', 'private-key.pem'), 0o640)
  expect(() => readIdentity(folder, null)).toThrow('by others')
})
