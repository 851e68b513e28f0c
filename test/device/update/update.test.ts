/** `smart-door update` with small releases, whose installer only says that it ran. */
import { spawnSync } from 'node:child_process'
import { createHash, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Release, signed } from '../../../device/update/statement.ts'
import { smartDoor } from '../../support/door/smart-door.ts'
import { portOf } from '../../support/network/port-of.ts'

const { publicKey, privateKey } = generateKeyPairSync('ed25519')
const stranger = generateKeyPairSync('ed25519').privateKey
const here = `${process.platform}-${process.arch}`

let folder: string
let server: Server
const at = (...path: string[]) => join(folder, ...path)
const archive = () => at('release.tar.gz')
const wasInstalled = () => existsSync(at('installed'))
const result = () => readFileSync(at('system/opt/smart-door/last-update'), 'utf8')
const update = (...words: string[]) => smartDoor('update', ...words)

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'update-'))
  vi.stubEnv('DESTDIR', at('system'))
  server = createServer((request, response) => {
    const path = at(request.url ?? '')
    if (existsSync(path)) response.end(readFileSync(path))
    else response.writeHead(404).end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterAll(() => {
  server.close()
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

beforeEach(() => {
  for (const path of ['system/etc/smart-door', 'system/opt/smart-door', 'smart-door-9/systemd']) {
    mkdirSync(at(path), { recursive: true })
  }
  const pem = publicKey.export({ type: 'spki', format: 'pem' })
  writeFileSync(at('system/etc/smart-door/release-key.pem'), pem)
  release()
})
afterEach(() => rmSync(at('installed'), { force: true }))

function release(about: Partial<Release> = {}, key: KeyObject = privateKey, exitCode = 0): void {
  const installer = `#!/bin/sh\ntouch '${at('installed')}'\nexit ${exitCode}\n`
  writeFileSync(at('smart-door-9/systemd/install'), installer, { mode: 0o755 })
  spawnSync('tar', ['-czf', archive(), '-C', folder, 'smart-door-9'])
  const bytes = readFileSync(archive())
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const exact = { version: '9.0.0', system: here, sha256, bytes: bytes.length }
  writeFileSync(`${archive()}.sig`, signed({ ...exact, ...about }, key))
}

describe('a release', () => {
  test.each(['file', 'web'])('is installed from a %s', async (from) => {
    const url = `http://127.0.0.1:${portOf(server)}/release.tar.gz`
    const outcome = await update(from === 'web' ? url : archive())
    expect(outcome).toMatchObject({ code: 0, stderr: '' })
    expect(wasInstalled()).toBe(true)
    expect(result()).toMatch(/^\S+Z Version 9\.0\.0 was installed\.\n$/)
    expect(existsSync(at('system/opt/smart-door/.update'))).toBe(false)
  })

  test('that is installed already changes nothing', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'))
    release({ version })
    const { code, stdout } = await update(archive())
    expect([code, stdout, wasInstalled()]).toEqual([0, expect.stringContaining('already'), false])
  })

  test('that is earlier is installed only if asked to', async () => {
    release({ version: '0.1.99' })
    const { code, stderr } = await update(archive())
    expect([code, stderr]).toEqual([1, expect.stringContaining('--allow-downgrade')])
    expect(wasInstalled()).toBe(false)
    expect((await update(archive(), '--allow-downgrade')).code).toBe(0)
    expect(wasInstalled()).toBe(true)
  })

  test('whose installer fails is reported, also for later', async () => {
    release({}, privateKey, 1)
    const { code, stderr } = await update(archive())
    expect([code, stderr]).toEqual([1, expect.stringContaining('the version before runs on')])
    expect(result()).toContain('The last update failed: Version 9.0.0 was not installed')
  })

  test('can be checked with OpenSSL alone, as before a first installation', () => {
    const [text = '', signature = ''] = readFileSync(`${archive()}.sig`, 'utf8').split('signature ')
    writeFileSync(at('text'), text)
    writeFileSync(at('signature'), Buffer.from(signature, 'base64'))
    const words = ['-verify', '-pubin', '-inkey', at('system/etc/smart-door/release-key.pem')]
    const files = ['-rawin', '-in', at('text'), '-sigfile', at('signature')]
    const { stdout } = spawnSync('openssl', ['pkeyutl', ...words, ...files], { encoding: 'utf8' })
    expect(stdout).toContain('Signature Verified Successfully')
    expect(createPublicKey(privateKey).equals(publicKey)).toBe(true)
  })
})

describe('nothing is unpacked', () => {
  const edit = (path: string, from: string, to: string) =>
    writeFileSync(path, readFileSync(path, 'latin1').replace(from, to), 'latin1')

  test.each<[string, () => void, string]>([
    ['signed by a stranger', () => release({}, stranger), 'not signed with the key'],
    ['with another version', () => edit(`${archive()}.sig`, '9.0.0', '9.0.1'), 'not signed'],
    [
      'with a line more',
      () => edit(`${archive()}.sig`, 'version', 'extra 1\nversion'),
      'not signed',
    ],
    ['without a statement', () => rmSync(`${archive()}.sig`), 'cannot be read: ENOENT'],
    ['for another system', () => release({ system: 'linux-mips' }), 'linux-mips, and this is'],
    ['cut off', () => truncateSync(archive(), 100), 'not the one that was signed'],
    ['that was changed', () => edit(archive(), '\u0000', '\u0001'), 'not the one that was signed'],
    [
      'longer than said',
      () => writeFileSync(archive(), 'more', { flag: 'a' }),
      'not the one that was signed',
    ],
    [
      'without a key on the door',
      () => rmSync(at('system/etc/smart-door/release-key.pem')),
      'release-key.pem (ENOENT)',
    ],
  ])('of an archive %s', async (_, change, sentence) => {
    change()
    const { code, stderr } = await update(archive())
    expect([code, stderr]).toEqual([1, expect.stringContaining(sentence)])
    expect(stderr).toContain('Nothing was changed')
    expect(wasInstalled()).toBe(false)
    expect(existsSync(at('system/opt/smart-door/.update'))).toBe(false)
  })

  test('of an address that does not answer', async () => {
    const { stderr } = await update(`http://127.0.0.1:${portOf(server)}/nothing`)
    expect(stderr).toContain('nothing.sig answers 404')
  })
})
