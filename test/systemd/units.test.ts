/** The units, checked by systemd itself. */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')
const units = ['smart-door.service', 'smart-door-kiosk.service']
const textOf = (name: string) => readFileSync(join(root, 'systemd', name), 'utf8')
let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'units-'))
  const current = join(folder, 'opt/smart-door/current')
  for (const name of [
    'scripts/smart-door',
    'systemd/relock',
    'systemd/nightly-updates',
    'systemd/kiosk',
  ]) {
    cpSync(join(root, name), join(current, name))
  }
  cpSync('/usr/lib/systemd/system', join(folder, 'usr/lib/systemd/system'), { recursive: true })
  mkdirSync(join(folder, 'etc/systemd/system'), { recursive: true })
})
afterAll(() => rmSync(folder, { recursive: true }))

function verify(name: string, text: string) {
  writeFileSync(join(folder, 'etc/systemd/system', name), text)
  const options = [`--root=${folder}`, '--man=no', '--recursive-errors=no']
  const { status, stderr } = spawnSync('systemd-analyze', ['verify', ...options, name], {
    encoding: 'utf8',
  })
  return { status, stderr }
}

describe.each(units)('%s', (name) => {
  test('is valid for systemd', () => {
    expect(verify(name, textOf(name))).toEqual({ status: 0, stderr: '' })
  })

  test('would be invalid with a typing mistake', () => {
    const { status, stderr } = verify(name, textOf(name).replace('Restart=', 'Restarts='))
    expect(`${status} ${stderr}`).toContain('Restarts')
    expect(
      verify(name, textOf(name).replace('/systemd/', '/systmd/').replace('/scripts/', '/skripts/')),
    ).toMatchObject({ status: 1 })
  })

  test('restarts for ever, and does not wait for a network', () => {
    expect(textOf(name)).toMatch(/^StartLimitIntervalSec=0$/m)
    expect(textOf(name)).toMatch(/^Restart=always$/m)
    expect(textOf(name)).not.toContain('RestartPreventExitStatus')
    expect(textOf(name)).not.toContain('network-online')
  })
})

test('the units of nightly updates are valid, and fail with a typing mistake', () => {
  const names = ['smart-door-update.service', 'smart-door-update.timer']
  for (const name of names) {
    const text = readFileSync(join(root, 'systemd/nightly', name), 'utf8')
    expect(verify(name, text)).toEqual({ status: 0, stderr: '' })
    expect(verify(name, text.replace('Description', 'Descriptions')).stderr).toContain(
      'Descriptions',
    )
    verify(name, text)
  }
})

/** The threshold is in tenths: 0 is nothing exposed, 100 everything. */
const exposure = (threshold: number, text: string) => {
  const file = join(folder, 'judged.service')
  writeFileSync(file, text)
  const options = ['--offline=true', `--threshold=${threshold}`]
  return spawnSync('systemd-analyze', ['security', ...options, file]).status
}

test.each([
  ['smart-door.service', 1.5],
  ['smart-door-kiosk.service', 3],
])('the exposure of %s is at most %d of 10', (name, atMost) => {
  const text = textOf(name)
  expect(exposure(10 * atMost, text)).toBe(0)
  const weaker = text.replace('ProtectSystem=strict', '').replace(/^Cap.*$/m, '')
  expect(exposure(10 * atMost, weaker)).not.toBe(0)
})

test('relock switches the relay off, with a file and bash alone', () => {
  const value = join(folder, 'value')
  writeFileSync(value, '1')
  writeFileSync(join(folder, 'relay'), `sysfs ${value}\n`)
  const relock = join(root, 'systemd/relock')
  const run = (runtimeFolder: string) =>
    spawnSync(relock, { env: { PATH: '/usr/bin:/bin', RUNTIME_DIRECTORY: runtimeFolder } }).status
  expect(run(folder)).toBe(0)
  expect(readFileSync(value, 'utf8')).toBe('0')
  // A daemon that died before it opened a pin has left no file.
  expect(run(join(folder, 'nowhere'))).toBe(0)
})
