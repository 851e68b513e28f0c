import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
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

const wholePath = (name: string) => `${name} must be a whole path, which begins with "/".`

describe('the config file', () => {
  it('ships the rules that the proofs about guessing assume', () => {
    expect(rulesFrom(read(least).config, '0.0.0')).toEqual(shippedRules)
  })

  it.each([
    ['a key that does not exist', { lok: 1 }, 'lok is not a setting. A typing mistake?'],
    ['a key that is missing', { doorId: undefined }, 'doorId is missing.'],
    ['a number that is a text', { passcodeDigits: '6' }, 'passcodeDigits must be one of: 6, 7, 8.'],
    [
      'a hold that is too long',
      { lock: { unlockHoldMs: 31_000 } },
      'lock.unlockHoldMs must be at most 30000.',
    ],
    [
      'a pause of nothing',
      { lockout: { firstPauseMs: 0 } },
      'lockout.firstPauseMs must be at least 1000.',
    ],
    ['an unknown language', { language: 'xx' }, 'language must be one of: en, de, es, fr.'],
    [
      'a camera that is simulated beside real pins',
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
      { pictures: { bucket: 'of-the-door' } },
      'pictures.region is missing: pictures and film need it.',
    ],
    [
      'no simulator',
      { simulator: undefined },
      'simulator is missing: simulated hardware or link needs its ports.',
    ],
    [
      'no key file',
      { doorKeyFile: undefined },
      'doorKeyFile is missing: the door cannot check codes without its key. Make one: (umask 077 && openssl rand -hex 32 > door-key)',
    ],
    [
      'a port in quotes',
      { keypad: { port: '4100' } },
      'keypad.port must be a whole number, not a text.',
    ],
    ['half a port', { keypad: { port: 0.5 } }, 'keypad.port must be a whole number.'],
    ['a list for a section', { lock: [] }, 'lock must be a section { … }, not a list.'],
    ['null for a name', { doorName: null }, 'doorName must be a text, not null.'],
    ['an empty name', { doorName: '' }, 'doorName must not be empty.'],
    [
      'an endless name',
      { doorName: 'x'.repeat(201) },
      'doorName must have at most 200 characters.',
    ],
    [
      'a door id with a space in it',
      { doorId: 'front door' },
      'doorId must be 1 to 64 letters, digits, "_" or "-".',
    ],
    [
      'a page that is no address',
      { keypad: { embeddedBy: ['here'] } },
      'keypad.embeddedBy.0 must be a web address, such as http://127.0.0.1:4000.',
    ],
    [
      'an address that brings a policy of its own',
      { keypad: { embeddedBy: ['http://localhost:4000/;script-src *'] } },
      'keypad.embeddedBy.0 must be a web address without a path, such as http://127.0.0.1:4000.',
    ],
    [
      'a first pause longer than the longest',
      { lockout: { firstPauseMs: 3_600_000, longestPauseMs: 60_000 } },
      'lockout.firstPauseMs must not be more than lockout.longestPauseMs.',
    ],
    [
      'a lock that is open for longer than the door may be',
      { lock: { unlockHoldMs: 8_000, heldOpenAfterMs: 8_000 } },
      'lock.unlockHoldMs must be less than lock.heldOpenAfterMs.',
    ],
    [
      'an exit button that opens for longer than the door may be open',
      { lock: { exitHoldMs: 8_000, heldOpenAfterMs: 8_000 } },
      'lock.exitHoldMs must be less than lock.heldOpenAfterMs.',
    ],
    [
      'a day that is over before the first pause',
      { lockout: { wrongCodesPerDay: 4 } },
      'lockout.wrongCodesPerPause must not be more than lockout.wrongCodesPerDay.',
    ],
    [
      'a pin that does not exist',
      { gpio: { relay: { bcm: 28 } } },
      'gpio.relay.bcm must be at most 27.',
    ],
    [
      'one pin for two things',
      { gpio: { bell: { bcm: 17 } } },
      'gpio.bell.bcm is the same pin as gpio.relay.bcm, 17.',
    ],
    [
      'a coil that gets hot',
      { gpio: { relay: { maxOnMs: 4_000 } } },
      'gpio.relay.maxOnMs must not be less than the longest opening, 15000.',
    ],
    ...(['strike', 'motor'] as const).map((lockType): [string, object, string] => [
      `a ${lockType} that is held open`,
      { lock: { mode: 'unlocked' }, gpio: { relay: { lockType } } },
      'lock.mode can be unlocked only with a maglock: the coil of a strike would burn, and a motor lock locks again by itself.',
    ]),
    [
      'a magnet that an exit button leaves alone',
      { gpio: { relay: { lockType: 'maglock' }, exitButton: { unlocks: false } } },
      'gpio.exitButton.unlocks must be true with a maglock: no handle opens it from inside.',
    ],
    [
      'a quiet hour that is none',
      { gpio: { quietHours: { from: '24:00' } } },
      'gpio.quietHours.from must be written as in config.example.json.',
    ],
    ['a folder without a place', { dataDir: 'data' }, wholePath('dataDir')],
    ...['/dev/../etc/passwd', '/dev/video0; reboot', '$(reboot)', 'file:///etc/passwd', '-i x'].map(
      (device): [string, object, string] => [
        `${device} for a camera`,
        { camera: { device } },
        'camera.device must be a path below /dev, such as /dev/video0, or an address, such as rtsp://10.0.0.9/front. What is no letter or digit in a password is written as %21.',
      ],
    ),
  ])('with %s is refused, and the sentence says where', (_, change, sentence) => {
    expect(mistakesIn({ ...least, ...change })).toEqual([sentence])
  })

  it('is told every mistake at once, of whatever kind they are', () => {
    rmSync(keyFile)
    const wrong = {
      ...least,
      dataDir: undefined,
      simulator: undefined,
      hardware: 'magic',
      link: 'simulated',
      passcodeDigits: 4,
      keypad: { port: 70_000, colour: 'red' },
      lock: { exitHoldMs: 'long', unlockHoldMs: 9_000, heldOpenAfterMs: 6_000 },
      lockout: { firstPauseMs: 7_200_000 },
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
        'lockout.firstPauseMs',
        'lockout.firstPauseMs',
        'passcodeDigits',
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
  ])('that is broken JSON is refused with the line: %j', (content, line) => {
    writeFileSync(path, content)
    expect(mistakesOf(() => readConfig(path))).toEqual([
      `it is not valid JSON, near line ${line}. Compare it with config.example.json.`,
    ])
  })

  it('is taken from an editor that marks its texts, and not from a film', () => {
    writeFileSync(path, `\uFEFF${JSON.stringify(least)}`)
    expect(readConfig(path).doorId).toBe('front-door')
    writeFileSync(path, '{\n'.repeat(200_000))
    expect(mistakesOf(() => readConfig(path))).toEqual([
      'the file is far too long to hold settings. Is it another one?',
    ])
  })

  it('says nothing about starting to somebody who only wants to look', () => {
    writeFileSync(path, '{}')
    expect(() => readConfig(path)).toThrow(/has \d+ mistakes:\n/)
  })
})

describe("the door's key", () => {
  it('comes from systemd where systemd hands it over', () => {
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

  it.each(['', 'ab'.repeat(31), `${'ab'.repeat(31)}zz`])('must be whole: %j', (content) => {
    writeFileSync(keyFile, content)
    expect(mistakesIn(least)).toEqual([`the door key in ${keyFile} must be 64 hex digits.`])
  })

  it('must be there', () => {
    rmSync(keyFile)
    expect(mistakesIn(least)).toEqual([
      `the door key in ${keyFile} is missing. Make one: (umask 077 && openssl rand -hex 32 > ${keyFile})`,
    ])
  })

  it('is made by the command that the message and the README give', () => {
    rmSync(keyFile)
    const [mistake = ''] = mistakesIn(least)
    const [, command = ''] = /Make one: (.*)$/.exec(mistake) ?? []
    execFileSync('sh', ['-c', command])
    expect(mistakesIn(least)).toEqual([])
    const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8')
    expect(readme).toContain('(umask 077 && openssl rand -hex 32 > door-key)')
  })
})
