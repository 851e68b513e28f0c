/** A tablet from the command that pairs it to the one that takes it away, at a running door. */
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { join } from 'node:path'
import type jsqr from 'jsqr'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { tabletsFinding } from '../../../device/cli/doctor/tablets.ts'
import { readConfig } from '../../../device/config/config.ts'
import { type RunningDoor, runDoor } from '../../support/door/running-door.ts'
import { smartDoor } from '../../support/door/smart-door.ts'
import { portOf } from '../../support/network/port-of.ts'
import { ask, cookieIn, open } from '../../support/tablets/tablet-client.ts'

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((listening) => server.once('listening', listening))
  const port = portOf(server)
  await new Promise((closed) => server.close(closed))
  return port
}

/** Its types describe a module that it is not. */
const jsQr: typeof jsqr.default = createRequire(import.meta.url)('jsqr')

let door: RunningDoor
let port = 0
beforeAll(async () => {
  port = await freePort()
  const tablets = { host: '127.0.0.1', port, names: ['door.local'] }
  door = await runDoor({ config: { tablets } })
  await vi.waitFor(() => expect(door.output.join()).toContain('tablets can connect'), 60_000)
})
afterAll(() => door.close())

const keypad = (...args: string[]) => smartDoor('keypad', ...args, '--config', door.configPath)

async function paired(name: string): Promise<string> {
  const { stdout } = await keypad('pair', name)
  const [code = ''] = /[A-Z0-9]{4}-[A-Z0-9]{4}/.exec(stdout) ?? []
  const answer = await ask(port, '/pairing/code', { body: JSON.stringify({ code }) })
  expect(answer.status).toBe(204)
  return cookieIn(answer)
}

describe('smart-door keypad', () => {
  test('pairs a tablet, whose code opens the door and counts if it is wrong', async () => {
    const cookie = await paired('Hall')
    const enter = (code: string) =>
      ask(port, '/api/code', { cookie, body: JSON.stringify({ code }) })
    expect((await enter('00000000')).status).toBe(403)
    const { code } = await door.home.cloud.grantCode({ visitorName: 'Ada', language: 'en' })
    expect((await enter(code)).status).toBe(200)
    expect(door.home.lockState()).toBe('open')
    // The same count as at the door's own screen.
    for (let wrong = 0; wrong < 3; wrong += 1) await enter('00000000')
    expect(await door.enter('00000000')).toEqual({ outcome: 'denied', pausedForMs: 2_000 })
    expect((await enter('00000000')).status).toBe(429)
  })

  test('is what the doctor lists, with the day on which a tablet was seen last', async () => {
    const config = readConfig(door.configPath)
    const finding = await tabletsFinding({ config, daemon: null, mayMoveLock: false })
    expect(finding?.sentence).toMatch(/^Paired: Hall, last seen \d{4}-\d\d-\d\d\.$/)
  })

  test('prints a QR code with the address, the code and the fingerprint', async () => {
    const { stdout } = await keypad('pair', 'Kitchen')
    const [code = ''] = /[A-Z0-9]{4}-[A-Z0-9]{4}/.exec(stdout) ?? []
    const [fingerprint = ''] = /(?:[0-9A-F]{2}:){31}[0-9A-F]{2}/.exec(stdout) ?? []
    const link = `https://door.local:${port}/pairing/#${code.replace('-', '')}.${fingerprint.replaceAll(':', '')}`
    expect(readQr(stdout)).toBe(link)
  })

  test('lists tablets, and takes one away with its open stream', async () => {
    const cookie = await paired('Garden')
    expect((await keypad('list')).stdout).toMatch(/^\d{4}-\d\d-\d\d {2}Hall\n.*Garden\nCertificate/)
    const stream = await open(port, '/api/events', { cookie })
    const closed = new Promise((end) =>
      stream
        .resume()
        .on('error', () => {})
        .once('close', end),
    )
    expect(await keypad('remove', 'Garden')).toMatchObject({
      code: 0,
      stdout: '"Garden" is out.\n',
    })
    await closed
    expect((await ask(port, '/api/state', { cookie })).status).toBe(401)
    expect((await keypad('list')).stdout).not.toContain('Garden')
  })

  test('says what is wrong', async () => {
    const again = await keypad('pair', 'Hall')
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('paired already')])
    const nameless = await keypad('pair', '\u001b[2J')
    expect([nameless.code, nameless.stderr]).toEqual([1, expect.stringContaining('NAME must')])
    const unknown = await keypad('remove', 'Cellar')
    expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringContaining('No tablet')])
  })

  test('leaves neither code nor secret in the log', async () => {
    const cookie = await paired('Attic')
    const { stdout } = await keypad('pair', 'Bath')
    const [code = ''] = /[A-Z0-9]{4}-[A-Z0-9]{4}/.exec(stdout) ?? []
    await ask(port, `/pairing/?${code}`, { cookie })
    for (const secret of [code, code.replace('-', ''), cookie.split('=')[1] ?? '']) {
      expect(secret).not.toBe('')
      expect(door.output.join()).not.toContain(secret)
    }
  })
})

test('a door without tablets says how to get one', async () => {
  const other = await runDoor({ startNow: false })
  const { code, stderr } = await smartDoor('keypad', 'pair', 'Hall', '--config', other.configPath)
  expect([code, stderr]).toEqual([1, expect.stringContaining('Set tablets.host')])
  const removed = await smartDoor('keypad', 'remove', 'Hall', '--config', other.configPath)
  expect([removed.code, removed.stderr]).toEqual([1, expect.stringContaining('No tablet')])
  // Root runs these commands: a folder that they make would be closed to the daemon.
  expect(existsSync(join(other.folder, 'data'))).toBe(false)
  await other.close()
})

/** As a camera sees it on a dark terminal, four pixels for each dot. */
function readQr(text: string): string | undefined {
  const lines = text.split('\n').filter((line) => /^[█▀▄ ]+$/.test(line))
  const rows = lines.flatMap((line) =>
    ['█▀', '█▄'].map((lit) => [...line].map((one) => lit.includes(one))),
  )
  const scale = 4
  const width = (rows[0]?.length ?? 0) * scale
  const pixels = new Uint8ClampedArray(width * rows.length * scale * 4)
  for (let at = 0; at < pixels.length; at += 4) {
    const x = Math.floor(((at / 4) % width) / scale)
    const y = Math.floor(at / 4 / width / scale)
    pixels.fill(rows[y]?.[x] ? 255 : 0, at, at + 3)
    pixels[at + 3] = 255
  }
  return jsQr(pixels, width, rows.length * scale)?.data
}
