/** The doctor and the config commands as an installer meets them: real processes, real files. */
import { once } from 'node:events'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import * as z from 'zod/mini'
import { jpegSize } from '../../../device/camera/drivers/mjpeg-frames.ts'
import { keepIdentity } from '../../../device/identity/identity-folder.ts'
import { type AwsServer, startAws } from '../../../simulation/aws/server.ts'
import { verify } from '../../../simulation/aws/sigv4.ts'
import { type RunningDoor, runDoor, smartDoor } from '../../support/door/running-door.ts'
import { makeCa } from '../../support/network/test-ca.ts'
import { startSceneCamera } from '../../support/video/scene-camera.ts'

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

async function examine(config: object, env: NodeJS.ProcessEnv = {}) {
  writeFileSync(path, JSON.stringify(config))
  const words = ['doctor', '--json', '--config', path]
  const { code, stdout } = await smartDoor(words, { ...process.env, ...env })
  const findings = findingsSchema.parse(JSON.parse(stdout))
  return {
    code,
    of: (check: string) => findings.find((finding) => finding.check === check),
    findings,
  }
}

const portOf = (server: Server): number => {
  const address = server.address()
  return address !== null && typeof address === 'object' ? address.port : 0
}

const callOf = (request: IncomingMessage, body: string) => ({
  ...{ method: request.method ?? '', rawPath: request.url ?? '', rawQuery: '' },
  ...{ query: new URLSearchParams(), headers: request.headers, body: Buffer.from(body) },
})

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

  test('finds a key that others can read, and a line that leads nowhere', async () => {
    chmodSync(keyFile, 0o644)
    const identityDir = join(folder, 'identity')
    const ca = makeCa()
    const { certificate, key } = ca.issue('front-door')
    const papers = {
      certificate: readFileSync(certificate, 'utf8'),
      key: readFileSync(key, 'utf8'),
    }
    keepIdentity(identityDir, { ...papers, certificateId: 'made-by-the-test' })
    ca.remove()
    const { of, code } = await examine({ ...base, link: 'iot', iot: { identityDir } })
    expect(of('door key')).toMatchObject({
      level: 'wrong',
      remedy: `Run: sudo chmod 600 ${keyFile}`,
    })
    expect(of('broker')?.sentence).toContain('iot.endpoint is missing')
    expect(code).toBe(1)
    // The door would not start with it either.
    const { stderr } = await smartDoor(['config', 'check', '--config', path])
    expect(stderr).toContain('iot.endpoint is missing')
    rmSync(identityDir, { recursive: true })
    chmodSync(keyFile, 0o600)
  })

  test('says what to do about what is not there yet', async () => {
    const { of } = await examine({ ...base, doorKeyFile: join(folder, 'none') })
    expect(of('door key')).toMatchObject({
      sentence: `${join(folder, 'none')} is missing.`,
      remedy: expect.stringContaining('openssl rand -hex 32'),
    })
    const { stdout } = await smartDoor(['doctor', '--config', join(folder, 'none.json')])
    expect(stdout).toContain('Make one: smart-door config example | sudo tee')
    expect(stdout).not.toContain('nano')
  })

  test('speaks in lines, and sums up', async () => {
    writeFileSync(path, JSON.stringify(base))
    const { code, stdout } = await smartDoor(['doctor', '--config', path])
    expect(code).toBe(1)
    expect(stdout).toMatch(/^WRONG {3}pins .*\n {21}\S/m)
    expect(stdout).toMatch(/is wrong\.\n$|are wrong\.\n$/)
  })
})

describe('the doctor of a door that sees', () => {
  const camera = { driver: 'ffmpeg', widthPx: 320, heightPx: 240, framesPerSecond: 10 }

  test('takes a picture, and keeps it for nobody but who asked', async () => {
    const scene = await startSceneCamera()
    try {
      const { of } = await examine({ ...base, camera: { ...camera, device: scene.url } })
      expect(of('camera')).toMatchObject({ level: 'well' })
      const snapshot = /: (\S+still\.jpg)$/.exec(of('camera')?.sentence ?? '')?.[1] ?? ''
      expect(jpegSize(new Uint8Array(readFileSync(snapshot)))).toMatchObject({ widthPx: 320 })
      expect(statSync(snapshot).mode & 0o077).toBe(0)
      rmSync(dirname(snapshot), { recursive: true })
    } finally {
      await scene.close()
    }
  })

  test('sends nobody to a cable for a camera on the network, and keeps its address', async () => {
    const device = 'rtsp://owner:let-me-in@127.0.0.1:9/front'
    const { of, findings } = await examine({ ...base, camera: { ...camera, device } })
    expect(of('camera')).toMatchObject({
      level: 'wrong',
      remedy: 'Nobody answers at camera.device. Does the camera have power, and the same address?',
    })
    expect(JSON.stringify(findings)).not.toContain('let-me-in')
  })

  test('says that the camera is not plugged in', async () => {
    const { of } = await examine({ ...base, camera: { ...camera, device: '/dev/video-none' } })
    expect(of('camera')).toMatchObject({
      level: 'wrong',
      sentence: expect.stringContaining('unplugged'),
      remedy: expect.stringContaining('plugged in'),
    })
  })
})

describe('the doctor of a door that is filmed', () => {
  const awsKeys = { accessKeyId: 'test', secretAccessKey: 'test' }
  const recorded = ({ url: endpoint, region }: AwsServer, doorId: string) => ({
    ...base,
    ...{ doorId, hardware: 'simulated', link: 'simulated', recording: { stream: true } },
    simulator: { hardwarePort: 1, linkPort: 2, awsKeys },
    pictures: { region, bucket: null, endpoint },
  })

  test('asks Kinesis Video whether it takes the film', async () => {
    const aws = await startAws({ videoStreams: ['front-door'] })
    try {
      const { of } = await examine(recorded(aws, 'front-door'))
      expect(of('recording')).toMatchObject({ level: 'well' })
      const other = await examine(recorded(aws, 'back-door'))
      expect(other.of('recording')).toMatchObject({
        level: 'wrong',
        sentence: expect.stringContaining('no stream back-door'),
      })
    } finally {
      await aws.close()
    }
    const { of } = await examine(recorded(aws, 'front-door'))
    expect(of('recording')?.sentence).toContain('cannot be reached: ECONNREFUSED')
  })
})

describe('the doctor of a door whose cloud sends texts', () => {
  const keys = { accessKeyId: 'test', secretAccessKey: 'test' }
  const online = {
    ...{ ...base, link: 'iot' },
    iot: { endpoint: '127.0.0.1', port: 9, identityDir: join(folder, 'none') },
  }
  let sns: Server
  let answer: string
  const env = () => ({
    ...{ AWS_ACCESS_KEY_ID: keys.accessKeyId, AWS_SECRET_ACCESS_KEY: keys.secretAccessKey },
    ...{ AWS_REGION: 'eu-central-1', AWS_SESSION_TOKEN: '' },
    AWS_ENDPOINT_URL_SNS: `http://127.0.0.1:${portOf(sns)}/`,
  })

  beforeAll(async () => {
    sns = createServer((request, response) => {
      text(request).then((body) => {
        const verifier = { credentials: [keys], region: 'eu-central-1', nowMs: Date.now }
        verify(callOf(request, body), verifier)
        response.end(answer)
      })
    }).listen(0, '127.0.0.1')
    await once(sns, 'listening')
  })
  afterAll(() => sns.close())

  test.each([
    ['<IsInSandbox>false</IsInSandbox>', 'well', 'may text to everybody from eu-central-1'],
    ['<IsInSandbox>true</IsInSandbox>', 'better', 'confirmed numbers only'],
    ['<Code>AuthorizationError</Code>', 'better', 'AWS did not say'],
  ])('asks AWS about the SMS sandbox: %s', async (said, level, sentence) => {
    answer = said
    const { of } = await examine(online, env())
    expect(of('texts')).toMatchObject({ level, sentence: expect.stringContaining(sentence) })
  })

  test('asks nothing without AWS keys, and says so', async () => {
    const none = { AWS_ACCESS_KEY_ID: '', AWS_PROFILE: '', HOME: folder }
    const { of } = await examine(online, { ...none, AWS_SHARED_CREDENTIALS_FILE: '/none' })
    expect(of('texts')?.sentence).toContain('run it with your AWS keys')
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
        ...{ ...base, doorId: 'test-door' },
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

  test('does not take another door for it', async () => {
    const port = Number(new URL(door.url()).port)
    const { of } = await examine({ ...base, keypad: { port } })
    expect(of('daemon')).toMatchObject({
      level: 'wrong',
      sentence: `On port ${port} answers the daemon of another door, "test-door".`,
    })
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

  test('check warns of pins that something else has on a Pi', async () => {
    const gpio = { doorContact: { bcm: 2 } }
    writeFileSync(path, JSON.stringify({ ...base, hardware: 'gpio', gpio }))
    expect((await config('check')).stdout).toBe(
      `${path} is right.\nBut gpio.doorContact.bcm: BCM 2 is where a Pi has a clock with a battery.\n`,
    )
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

  test.each([
    ['rtsp://owner:let-me-in@10.0.0.9:554/front', 'rtsp://…@10.0.0.9:554/front'],
    ['rtsp://owner:let-me-in@x@10.0.0.9/front', 'rtsp://…@10.0.0.9/front'],
    ['http://10.0.0.9/video?user=owner&pwd=let-me-in', 'http://10.0.0.9/video?…'],
    ['rtsp://10.0.0.9/front', 'rtsp://10.0.0.9/front'],
  ])('show keeps the password of a camera to itself: %s', async (device, told) => {
    const camera = { driver: 'ffmpeg', device }
    writeFileSync(path, JSON.stringify({ ...base, camera }))
    const { stdout } = await config('show')
    expect(stdout).not.toContain('let-me-in')
    expect(stdout).toContain(`camera.device = "${told}"\n`)
  })

  test('show keeps to itself what the simulation is told', async () => {
    const awsKeys = { accessKeyId: 'AKID', secretAccessKey: 'let-me-in' }
    const simulator = { hardwarePort: 1, linkPort: 2, secret: 'let-me-in', awsKeys }
    writeFileSync(path, JSON.stringify({ ...base, simulator }))
    const { stdout } = await config('show')
    expect(stdout).not.toContain('let-me-in')
    expect(stdout).toContain('simulator.secret = set, and not shown\n')
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
