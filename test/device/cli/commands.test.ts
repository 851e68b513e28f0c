/** How `smart-door` reads its command line, and the commands about the config file. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, it, test, vi } from 'vitest'
import { smartDoor } from '../../support/door/smart-door.ts'

const folder = mkdtempSync(join(tmpdir(), 'smart-door-commands-'))
const path = join(folder, 'config.json')
const base = {
  doorId: 'front-door',
  doorName: 'Front door',
  dataDir: join(folder, 'data'),
  hardware: 'gpio',
  link: 'none',
  clock: 'host',
}
const write = (config: object) => writeFileSync(path, JSON.stringify(config))

afterEach(() => vi.unstubAllEnvs())
afterAll(() => rmSync(folder, { recursive: true }))

describe('a mistake on the command line', () => {
  it.each([
    [['open-sesame'], 'There is no command "open-sesame".', ''],
    [['docter'], 'There is no command "docter". Did you mean doctor?', ''],
    [[], 'Which command?', ''],
    [['config'], 'Which command?', 'config'],
    [['config', 'chek'], 'There is no command "config chek". Did you mean config check?', 'config'],
    [['config', 'check', 'twice'], '"twice" is not expected.', 'config check'],
    [['explain', '--config', 'x'], 'VISIT|EVENT is missing.', 'explain'],
    [['explain', '1', '2'], '"2" is not expected.', 'explain'],
    [['run', 'now'], '"now" is not expected.', 'run'],
    [['doctor', '--rotate'], '"smart-door doctor" takes no option --rotate.', 'doctor'],
    [['verify-log', '--colour'], "Unknown option '--colour'.", ''],
    [['doctor', '--jsn'], "Unknown option '--jsn'. Did you mean --json?", ''],
    [['run', '--config'], "Option '--config <value>' argument missing", ''],
  ])('is named: %j', async (args, sentence, command) => {
    expect(await smartDoor(...args)).toEqual({
      code: 64,
      stdout: '',
      stderr: `${sentence}\nSee: smart-door ${command ? `${command} ` : ''}--help\n`,
    })
  })
})

describe('--help', () => {
  it.each(['--help', '-h'])('lists the commands: %s', async (option) => {
    const { code, stdout } = await smartDoor(option)
    expect(code).toBe(0)
    for (const command of [
      'run',
      'doctor',
      'config show',
      'provision',
      'backup',
      'explain',
      'verify-log',
    ]) {
      expect(stdout).toMatch(new RegExp(`^ {2}${command} {2,}\\S`, 'm'))
    }
  })

  it('describes one command, and only that', async () => {
    const { code, stdout } = await smartDoor('doctor', '--help')
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/^smart-door doctor \[OPTION\.\.\.\]/),
    ])
    expect(stdout).toMatch(/^ {2}--blink +\S/m)
    expect(stdout).not.toMatch(/--rotate|verify-log/)
  })

  it('describes the commands of a group', async () => {
    const { stdout } = await smartDoor('config', '--help')
    expect(stdout.match(/^smart-door config \w+/gm)).toEqual([
      'smart-door config check',
      'smart-door config show',
      'smart-door config example',
    ])
  })
})

test('the program itself prints its version', () => {
  const program = join(import.meta.dirname, '../../../scripts/smart-door')
  const { status, stdout, stderr } = spawnSync(program, ['--version'], { encoding: 'utf8' })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  expect(stdout).toMatch(/^smart-door \d+\.\d+\.\d+\n$/)
})

describe('smart-door config', () => {
  const config = (command: string) => smartDoor('config', command, '--config', path)
  beforeEach(() => write(base))

  it('check reports that the file is valid, or what is not', async () => {
    expect(await config('check')).toMatchObject({ code: 0, stdout: `${path} is valid.\n` })
    write({ ...base, doorId: 7 })
    const { code, stderr } = await config('check')
    expect([code, stderr]).toEqual([78, expect.stringContaining('doorId must be a text')])
  })

  it('check warns of pins that have another use on a Pi', async () => {
    write({ ...base, gpio: { doorContact: { bcm: 2 } } })
    expect((await config('check')).stdout).toBe(
      `${path} is valid.\nWarning: gpio.doorContact.bcm: BCM 2 is where a Pi has a clock with a battery.\n`,
    )
  })

  it('show prints the value, meaning and limits of each setting', async () => {
    const { stdout } = await config('show')
    expect(stdout).toContain('doorName = "Front door"\n')
    expect(stdout).toMatch(
      /gpio\.relay\.lockType = "strike"\n {4}strike: power unlocks it\..*\(strike, maglock, motor; default "strike"\)/,
    )
    expect(stdout).toMatch(
      /lock\.unlockHoldMs = 5000\n {4}.*In milliseconds\. \(500 to 30000; default 5000\)/,
    )
  })

  it('show prints the defaults where there is no config file', async () => {
    const missing = join(folder, 'none.json')
    vi.stubEnv('SMART_DOOR_CONFIG', missing)
    const { code, stdout } = await smartDoor('config', 'show')
    expect([code, stdout.split('\n')[0]]).toEqual([
      0,
      `There is no config file ${missing}. These are the defaults.`,
    ])
    expect(stdout).toContain('doorId: not set\n')
    expect(stdout).toContain('lock.unlockHoldMs = 5000\n')
    expect((await smartDoor('config', 'show', '--config', missing)).code).toBe(78)
  })

  it.each([
    ['rtsp://owner:let-me-in@10.0.0.9:554/front', 'rtsp://…@10.0.0.9:554/front'],
    ['rtsp://owner:let-me-in@x@10.0.0.9/front', 'rtsp://…@10.0.0.9/front'],
    ['http://10.0.0.9/video?user=owner&pwd=let-me-in', 'http://10.0.0.9/video?…'],
    ['rtsp://10.0.0.9/front', 'rtsp://10.0.0.9/front'],
  ])('show hides the password of a camera: %s', async (device, shown) => {
    write({ ...base, camera: { driver: 'ffmpeg', device } })
    const { stdout } = await config('show')
    expect(stdout).not.toContain('let-me-in')
    expect(stdout).toContain(`camera.device = "${shown}"\n`)
  })

  it('show hides the secrets of the simulation', async () => {
    const awsKeys = { accessKeyId: 'AKID', secretAccessKey: 'let-me-in' }
    write({
      ...base,
      simulator: { hardwarePort: 1, linkPort: 2, secret: 'let-me-in', awsKeys },
    })
    const { stdout } = await config('show')
    expect(stdout).not.toContain('let-me-in')
    expect(stdout).toContain('simulator.secret: set, not shown\n')
  })

  it('example prints a valid file', async () => {
    const { stdout } = await config('example')
    writeFileSync(path, stdout)
    expect((await config('check')).code).toBe(0)
  })
})
