/** The doctor and the config commands as an installer meets them: real processes, real files. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import * as z from 'zod/mini'
import { type RunningDoor, runDoor, smartDoor } from '../../support/running-door.ts'

const findingsSchema = z.array(
  z.strictObject({
    check: z.string(),
    level: z.enum(['well', 'better', 'wrong']),
    sentence: z.string(),
    remedy: z.optional(z.string()),
  }),
)

const folder = mkdtempSync(join(tmpdir(), 'doctor-'))
const path = join(folder, 'config.json')
const keyFile = join(folder, 'door-key')
const base = {
  doorId: 'front-door',
  doorName: 'Front door',
  dataDir: join(folder, 'data'),
  doorKeyFile: keyFile,
  hardware: 'gpio',
  link: 'none',
  clock: 'host',
  // Nobody listens there.
  keypad: { port: 9 },
}

beforeEach(() => {
  mkdirSync(base.dataDir, { recursive: true })
  writeFileSync(keyFile, 'ab'.repeat(32), { mode: 0o600 })
})
afterAll(() => rmSync(folder, { recursive: true }))

async function examine(config: object) {
  writeFileSync(path, JSON.stringify(config))
  const { code, stdout } = await smartDoor(['doctor', '--json', '--config', path])
  const findings = findingsSchema.parse(JSON.parse(stdout))
  return {
    code,
    of: (check: string) => findings.find((finding) => finding.check === check),
    findings,
  }
}

describe('the doctor', () => {
  test('says of a computer without pins what is wrong, and what to do', async () => {
    const { code, of, findings } = await examine(base)
    expect(code).toBe(1)
    expect(of('pins')).toMatchObject({ level: 'wrong' })
    expect(of('node')).toMatchObject({ level: 'well' })
    expect(of('disk')).toMatchObject({ level: 'well' })
    expect(of('database')?.sentence).toContain('this door has never been started')
    expect(of('door key')).toMatchObject({ level: 'well' })
    expect(of('cloud')).toMatchObject({ level: 'better' })
    for (const { level, remedy } of findings) expect(remedy !== undefined).toBe(level !== 'well')
  })

  test('knows which pins open the door when power comes', async () => {
    const { of } = await examine({ ...base, gpio: { relay: { bcm: 17, activeLow: true } } })
    expect(of('relay')).toMatchObject({ level: 'wrong', remedy: expect.stringContaining('0 to 8') })
  })

  test('tells the mistakes of a config file, and goes on as far as it can', async () => {
    const { code, of } = await examine({ ...base, doorId: undefined })
    expect([code, of('config')?.sentence]).toEqual([1, `${path}: doorId is missing.`])
    expect(of('system')).toBeDefined()
  })

  test('finds a key that is none, and a certificate that is not there', async () => {
    writeFileSync(keyFile, 'secret')
    const iot = { endpoint: '127.0.0.1', identityDir: join(folder, 'identity') }
    const { of, findings } = await examine({ ...base, link: 'iot', iot })
    expect(of('door key')).toMatchObject({ level: 'wrong' })
    expect(of('certificate')?.remedy).toContain('smart-door provision')
    expect(JSON.stringify(findings)).not.toContain('secret')
  })

  test('speaks in lines, and sums up', async () => {
    writeFileSync(path, JSON.stringify(base))
    const { code, stdout } = await smartDoor(['doctor', '--config', path])
    expect(code).toBe(1)
    expect(stdout).toMatch(/^WRONG {3}pins .*\n {21}\S/m)
    expect(stdout).toMatch(/is wrong\.\n$|are wrong\.\n$/)
  })
})

describe('the doctor of a door that runs', () => {
  let door: RunningDoor
  beforeAll(async () => {
    door = await runDoor({ config: { link: 'none' } })
  })
  afterAll(() => door.close())

  test('finds nothing wrong with it, and leaves it alone', async () => {
    writeFileSync(
      path,
      JSON.stringify({
        ...base,
        hardware: 'simulated',
        simulator: { hardwarePort: 1, linkPort: 2 },
        dataDir: join(door.folder, 'data'),
        keypad: { port: Number(new URL(door.url()).port) },
      }),
    )
    const { code, stdout } = await smartDoor(['doctor', '--blink', '--config', path])
    expect(stdout).toMatch(/well +daemon +The daemon runs and is well\./)
    expect(stdout).toMatch(/well +database +\d+ events/)
    expect([code, stdout.split('\n').at(-2)]).toEqual([0, 'Nothing is wrong.'])
  })
})

describe('smart-door config', () => {
  const config = (...words: string[]) => smartDoor(['config', ...words, '--config', path])
  beforeEach(() => writeFileSync(path, JSON.stringify(base)))

  test('check says that all is right, or what is not', async () => {
    expect(await config('check')).toMatchObject({ code: 0, stdout: `${path} is right.\n` })
    writeFileSync(path, JSON.stringify({ ...base, doorId: 7 }))
    const { code, stderr } = await config('check')
    expect([code, stderr]).toEqual([78, expect.stringContaining('doorId must be a text')])
  })

  test('show tells of every setting what it is, what it may be, and what it is now', async () => {
    const { stdout } = await config('show')
    expect(stdout).toContain('doorName = "Front door"\n')
    expect(stdout).toMatch(
      /gpio\.relay\.lockType = "strike"\n {4}strike: power opens it\..*\(strike, maglock, motor; usually "strike"\)/,
    )
    expect(stdout).toMatch(
      /lock\.unlockHoldMs = 5000\n {4}.*In milliseconds\. \(500 to 30000; usually 5000\)/,
    )
    expect(stdout).not.toContain('ab'.repeat(32))
  })

  test('example is a file that can be used', async () => {
    const { stdout } = await config('example')
    writeFileSync(path, stdout)
    expect((await config('check')).code).toBe(0)
  })

  test.each([
    [['config'], 'config what?'],
    [['config', 'mend'], 'There is no command "config mend".'],
    [['config', 'check', 'twice'], '"twice" is one word too many.'],
  ])('%j is told apart', async (words, sentence) => {
    const { code, stderr } = await smartDoor(words)
    expect([code, stderr.split('\n')[0]]).toEqual([64, sentence])
  })
})
