import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import {
  ConfigError,
  readConfig,
  readConfigAndSecrets,
  rulesFrom,
} from '../../../device/config/config.ts'
import { shippedRules } from '../../support/door/door-model.ts'

const folder = mkdtempSync(join(tmpdir(), 'smart-door-config-'))
const path = join(folder, 'config.json')
const keyFile = join(folder, 'door-key')
const least = {
  doorId: 'front-door',
  doorName: 'Front door',
  dataDir: '/var/lib/smart-door',
  doorKeyFile: keyFile,
  hardware: 'simulated',
  link: 'none',
  clock: 'ntp',
  simulator: { hardwarePort: 1, linkPort: 2 },
}

beforeEach(() => {
  writeFileSync(keyFile, 'ab'.repeat(32), { mode: 0o600 })
  chmodSync(keyFile, 0o600)
})
afterAll(() => rmSync(folder, { recursive: true }))

function read(config: unknown, env: Record<string, string> = {}) {
  writeFileSync(path, JSON.stringify(config))
  return readConfigAndSecrets(path, env)
}

const mistakesIn = (config: unknown, env: Record<string, string> = {}): readonly string[] =>
  mistakesOf(() => read(config, env))

function mistakesOf(reading: () => unknown): readonly string[] {
  try {
    reading()
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.mistakes
    throw error
  }
}

const absolutePath = (name: string) => `${name} must be an absolute path, which begins with "/".`

describe('the address of the keypad page', () => {
  it.each(['127.0.0.1', '127.8.9.1', '::1', 'localhost'])('can be %s', (host) => {
    expect(mistakesIn({ ...least, keypad: { host } })).toEqual([])
  })

  it.each([
    '0.0.0.0',
    '::',
    '192.168.1.20',
    'fe80::1',
    '::ffff:192.168.1.20',
    'door.local',
    // Either may be resolved to another address than it seems to be.
    '127.1',
    'localhost.example',
  ])('cannot be %s, where others reach it', (host) => {
    const config = { ...least, keypad: { host } }
    expect(mistakesIn(config)).toEqual([
      'keypad.host must be an address of this computer alone, such as 127.0.0.1: the page there has no login. For tablets, set tablets.host.',
    ])
    // The hardware can be set up by it nevertheless, so that people can leave.
    expect(readConfig(path).keypad.host).toBe(host)
  })
})

describe('the config file', () => {
  it('ships the rules that the tests about guessing assume', () => {
    const { hasLiveView: _, coilMaxOnMs: __, ...configured } = shippedRules
    const { config } = read(least)
    expect(rulesFrom(config, '0.0.0')).toEqual({ ...configured, hasCloud: false })
    expect(rulesFrom({ ...config, link: 'iot' }, '0.0.0')).toEqual(configured)
  })

  it.each([
    ['a typing mistake in a section', { lok: {} }, 'lok is not a setting. Did you mean lock?'],
    [
      'a typing mistake in a setting',
      { gpio: { relay: { lockTyp: 'motor' } } },
      'gpio.relay.lockTyp is not a setting. Did you mean gpio.relay.lockType?',
    ],
    [
      'a setting in the wrong section',
      { lock: { lockType: 'motor' } },
      'lock.lockType is not a setting. It belongs in another section: gpio.relay.lockType.',
    ],
    [
      'a mistyped setting in the wrong section',
      { doorContac: 1 },
      'doorContac is not a setting. Did you mean gpio.doorContact?',
    ],
    [
      'an unknown setting',
      { keypad: { colour: 'red' } },
      'keypad.colour is not a setting. See: smart-door config show',
    ],
    ['a missing setting', { doorId: undefined }, 'doorId is missing.'],
    ['an unknown choice', { clock: 'sun' }, 'clock must be one of: ntp, host.'],
    [
      'a hold that is too long',
      { lock: { unlockHoldMs: 31_000 } },
      'lock.unlockHoldMs must be at most 30000.',
    ],
    ['an unknown language', { language: 'xx' }, 'language must be one of: en, de, es, fr.'],
    [
      'a simulated camera with real pins',
      { hardware: 'gpio', camera: { driver: 'simulated' } },
      'camera.driver is simulated, but the hardware is not.',
    ],
    [
      'a webcam over the network',
      { camera: { driver: 'webcam', device: 'rtsp://10.0.0.9/front' } },
      'camera.device must be below /dev for a webcam.',
    ],
    [
      'a bucket without a region',
      { uploads: { bucket: 'of-the-door' } },
      'uploads.region is missing: snapshots and video need it.',
    ],
    [
      'no simulator',
      { simulator: undefined },
      'simulator is missing: simulated hardware or link needs its ports.',
    ],
    [
      'no key file',
      { doorKeyFile: undefined },
      'doorKeyFile is missing: the door cannot check codes without its key. Run: (umask 077 && openssl rand -hex 32 > door-key)',
    ],
    [
      'a port in quotes',
      { keypad: { port: '4100' } },
      'keypad.port must be a whole number, not a text.',
    ],
    ['half a port', { keypad: { port: 0.5 } }, 'keypad.port must be a whole number.'],
    ['a list instead of a section', { lock: [] }, 'lock must be a section { … }, not a list.'],
    ['null as a name', { doorName: null }, 'doorName must be a text, not null.'],
    ['an empty name', { doorName: '' }, 'doorName must not be empty.'],
    ['a long name', { doorName: 'x'.repeat(201) }, 'doorName must have at most 200 characters.'],
    [
      'a door id with a space',
      { doorId: 'front door' },
      'doorId must be 1 to 64 letters, digits, "_" or "-".',
    ],
    [
      'an invalid address of a page',
      { keypad: { embeddedBy: ['here'] } },
      'keypad.embeddedBy.0 must be a web address, such as http://127.0.0.1:4000.',
    ],
    [
      'an address that would change the security policy',
      { keypad: { embeddedBy: ['http://localhost:4000/;script-src *'] } },
      'keypad.embeddedBy.0 must be a web address without a path, such as http://127.0.0.1:4000.',
    ],
    [
      'a lock that is open longer than the door may be',
      { lock: { unlockHoldMs: 8_000, heldOpenAfterMs: 8_000 } },
      'lock.unlockHoldMs must be less than lock.heldOpenAfterMs.',
    ],
    [
      'an exit button that unlocks longer than the door may be open',
      { lock: { exitHoldMs: 8_000, heldOpenAfterMs: 8_000 } },
      'lock.exitHoldMs must be less than lock.heldOpenAfterMs.',
    ],
    [
      'a pin that does not exist',
      { gpio: { relay: { bcm: 28 } } },
      'gpio.relay.bcm must be at most 27.',
    ],
    [
      'one pin for two devices',
      { gpio: { bell: { bcm: 17 } } },
      'gpio.bell.bcm is the same pin as gpio.relay.bcm, 17.',
    ],
    [
      'a coil that would overheat',
      { gpio: { relay: { maxOnMs: 4_000 } } },
      'gpio.relay.maxOnMs must not be less than the longest opening, 15000.',
    ],
    ...(['strike', 'motor'] as const).map((lockType): [string, object, string] => [
      `a ${lockType} in passage mode`,
      { lock: { mode: 'passage' }, gpio: { relay: { lockType } } },
      'lock.mode can be passage only with a maglock: the coil of a strike would overheat, and a motor lock relocks by itself.',
    ]),
    [
      'a maglock that the exit button does not open',
      { gpio: { relay: { lockType: 'maglock' }, exitButton: { unlocks: false } } },
      'gpio.exitButton.unlocks must be true with a maglock: no handle opens it from inside.',
    ],
    [
      'an invalid quiet hour',
      { gpio: { quietHours: { from: '24:00' } } },
      'gpio.quietHours.from must be written as in: smart-door config example',
    ],
    ['a relative path', { dataDir: 'data' }, absolutePath('dataDir')],
    ...['/dev/../etc/passwd', '/dev/video0; reboot', '$(reboot)', 'file:///etc/passwd', '-i x'].map(
      (device): [string, object, string] => [
        `${device} as a camera`,
        { camera: { device } },
        'camera.device must be a path below /dev, such as /dev/video0, or an address, such as rtsp://10.0.0.9/front. In a password, write other characters than letters and digits in the form %21.',
      ],
    ),
  ])('with %s is refused, with a sentence that says where', (_, change, sentence) => {
    expect(mistakesIn({ ...least, ...change })).toEqual([sentence])
  })

  it('may still have settings that an earlier version had', () => {
    expect(mistakesIn({ ...least, passcodeDigits: 6, lockout: { wrongCodesPerPause: 5 } })).toEqual(
      [],
    )
  })

  it('is refused with all mistakes at once, of every kind', () => {
    rmSync(keyFile)
    const wrong = {
      ...least,
      dataDir: undefined,
      simulator: undefined,
      hardware: 'magic',
      link: 'simulated',
      clock: 'sun',
      keypad: { port: 70_000, colour: 'red' },
      lock: { exitHoldMs: 'long', unlockHoldMs: 9_000, heldOpenAfterMs: 6_000 },
    }
    const places = mistakesIn(wrong).map((mistake) => mistake.split(' ')[0])
    expect(places.toSorted()).toEqual(
      [
        'dataDir',
        'hardware',
        'keypad.colour',
        'keypad.port',
        'lock.exitHoldMs',
        'lock.unlockHoldMs',
        'clock',
        'simulator',
        'the',
      ].toSorted(),
    )
    const { doorKeyFile, ...keyless } = wrong
    expect(mistakesIn(keyless).join()).toContain('doorKeyFile is missing')
  })

  it.each([[[]], ['door'], [null]])('must hold settings, not %j', (content) => {
    expect(mistakesIn(content)).toEqual(['the file must hold one section { … } with the settings.'])
  })

  it.each([
    ['{\n  "doorId": "a",\n  "doorName" "b"\n}', 3],
    ['{\n  "doorId": "a",\n\n  "clock": host\n}', 4],
    ['{\n  "doorId": "a",\n', 3],
    ['', 1],
  ])('with invalid JSON is refused with the line: %j', (content, line) => {
    writeFileSync(path, content)
    expect(mistakesOf(() => readConfig(path))).toEqual([
      `it is not valid JSON, near line ${line}. Compare it with: smart-door config example`,
    ])
  })

  it('may begin with a byte order mark, and must not be too long', () => {
    writeFileSync(path, `\uFEFF${JSON.stringify(least)}`)
    expect(readConfig(path).doorId).toBe('front-door')
    writeFileSync(path, '{\n'.repeat(200_000))
    expect(mistakesOf(() => readConfig(path))).toEqual([
      'the file is too long to be a config file. Is it another one?',
    ])
  })

  it('is frozen, sections included', () => {
    const { config } = read(least)
    expect([config, config.lock, config.gpio.relay].every(Object.isFrozen)).toBe(true)
  })
})

describe("the door's key", () => {
  it('comes from systemd where systemd provides it', () => {
    const credentials = join(folder, 'credentials')
    mkdirSync(credentials)
    writeFileSync(join(credentials, 'door-key'), `${'cd'.repeat(32)}\n`, { mode: 0o440 })
    const { secrets, config } = read(least, { CREDENTIALS_DIRECTORY: credentials })
    expect(secrets.doorKey).toEqual(Buffer.from('cd'.repeat(32), 'hex'))
    expect(JSON.stringify(config)).not.toContain('cdcd')
  })

  it('must not be readable by others', () => {
    chmodSync(keyFile, 0o644)
    expect(mistakesIn(least)).toEqual([
      `doorKeyFile can be read by others. Run: chmod 600 ${keyFile}`,
    ])
  })

  it.each(['', 'ab'.repeat(31), `${'ab'.repeat(31)}zz`])('must be complete: %j', (content) => {
    writeFileSync(keyFile, content)
    expect(mistakesIn(least)).toEqual([`the door key in ${keyFile} must be 64 hex digits.`])
  })

  it('must be there', () => {
    rmSync(keyFile)
    expect(mistakesIn(least)).toEqual([
      `the door key in ${keyFile} is missing. Run: (umask 077 && openssl rand -hex 32 > ${keyFile})`,
    ])
  })

  it('is made by the command of the message', () => {
    rmSync(keyFile)
    const [mistake = ''] = mistakesIn(least)
    const [, command = ''] = /Run: (.*)$/.exec(mistake) ?? []
    execFileSync('sh', ['-c', command])
    expect(mistakesIn(least)).toEqual([])
  })
})
