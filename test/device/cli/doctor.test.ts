/** `smart-door doctor`, with real files, cameras and servers. */
import { once } from 'node:events'
import {
  chmodSync,
  copyFileSync,
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
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import * as z from 'zod/mini'
import { jpegSize } from '../../../device/camera/drivers/mjpeg-frames.ts'
import { isLost } from '../../../device/cli/doctor/lasting.ts'
import { saveIdentity } from '../../../device/identity/identity-folder.ts'
import { type AwsServer, startAws } from '../../../simulation/aws/server.ts'
import { verify } from '../../../simulation/aws/sigv4.ts'
import { type RunningDoor, runDoor } from '../../support/door/running-door.ts'
import { smartDoor } from '../../support/door/smart-door.ts'
import { makeCa } from '../../support/network/test-ca.ts'
import { startSceneCamera } from '../../support/video/scene-camera.ts'

const findingsSchema = z.array(
  z.strictObject({
    check: z.string(),
    level: z.enum(['ok', 'warning', 'error']),
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
  // Nothing listens there.
  keypad: { port: 9 },
}

beforeEach(() => {
  mkdirSync(base.dataDir, { recursive: true })
  writeFileSync(keyFile, 'ab'.repeat(32), { mode: 0o600 })
})
afterEach(() => vi.unstubAllEnvs())
afterAll(() => rmSync(folder, { recursive: true }))

async function examine(config: object) {
  writeFileSync(path, JSON.stringify(config))
  const { code, stdout } = await smartDoor('doctor', '--json', '--config', path)
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

describe('doctor', () => {
  test('reports on a computer without pins, with a remedy for each problem', async () => {
    const { code, of, findings } = await examine(base)
    expect(code).toBe(1)
    expect(of('pins')).toMatchObject({ level: 'error' })
    expect(of('node')).toMatchObject({ level: 'ok' })
    expect(of('disk')).toMatchObject({ level: 'ok' })
    expect(of('database')?.sentence).toContain('this door has never been started')
    expect(of('door key')).toMatchObject({ level: 'ok' })
    expect(of('cloud')).toMatchObject({ level: 'warning' })
    for (const { level, remedy } of findings) expect(remedy !== undefined).toBe(level !== 'ok')
  })

  test('knows which pins unlock the door at power-on', async () => {
    const { of } = await examine({ ...base, gpio: { relay: { bcm: 17, activeLow: true } } })
    expect(of('relay')).toMatchObject({ level: 'error', remedy: expect.stringContaining('0 to 8') })
  })

  test('reports the mistakes of a config file, and what else it can check', async () => {
    const { code, of } = await examine({ ...base, doorId: undefined })
    expect([code, of('config')?.sentence]).toEqual([1, `${path}: doorId is missing.`])
    expect(of('system')).toBeDefined()
  })

  test('finds an invalid key and a missing certificate', async () => {
    writeFileSync(keyFile, 'secret')
    const iot = { endpoint: '127.0.0.1', identityDir: join(folder, 'identity') }
    const { of, findings } = await examine({ ...base, link: 'iot', iot })
    expect(of('door key')).toMatchObject({ level: 'error' })
    expect(of('cloud')?.remedy).toContain('smart-door provision')
    expect(JSON.stringify(findings)).not.toContain('secret')
  })

  test('finds a key that others can read, and a missing endpoint', async () => {
    chmodSync(keyFile, 0o644)
    const identityDir = join(folder, 'identity')
    const ca = makeCa()
    const { certificate, key } = ca.issue('front-door')
    const papers = {
      certificate: readFileSync(certificate, 'utf8'),
      key: readFileSync(key, 'utf8'),
    }
    saveIdentity(identityDir, { ...papers, certificateId: 'made-by-the-test' })
    ca.remove()
    const { of, code } = await examine({ ...base, link: 'iot', iot: { identityDir } })
    expect(of('door key')).toMatchObject({
      level: 'error',
      remedy: `Run: sudo chmod 600 ${keyFile}`,
    })
    expect(of('broker')?.sentence).toContain('iot.endpoint is missing')
    expect(code).toBe(1)
    // The door would not start with it either.
    const { stderr } = await smartDoor('config', 'check', '--config', path)
    expect(stderr).toContain('iot.endpoint is missing')
    rmSync(identityDir, { recursive: true })
    chmodSync(keyFile, 0o600)
  })

  test('says how to make what is missing', async () => {
    const { of } = await examine({ ...base, doorKeyFile: join(folder, 'none') })
    expect(of('door key')).toMatchObject({
      sentence: `${join(folder, 'none')} is missing.`,
      remedy: expect.stringContaining('openssl rand -hex 32'),
    })
    const { stdout } = await smartDoor('doctor', '--config', join(folder, 'none.json'))
    expect(stdout).toContain('Make one: smart-door config example | sudo tee')
    expect(stdout).not.toContain('nano')
  })

  test('prints a line for each finding, and a summary', async () => {
    writeFileSync(path, JSON.stringify(base))
    const { code, stdout } = await smartDoor('doctor', '--config', path)
    expect(code).toBe(1)
    expect(stdout).toMatch(/^ERROR {4}pins .*\n {22}\S/m)
    expect(stdout).toMatch(/\nResult: \d errors?, \d warnings?\.\n$/)
  })
})

describe('doctor: camera', () => {
  const camera = { driver: 'ffmpeg', widthPx: 320, heightPx: 240, framesPerSecond: 10 }

  test('takes a snapshot that only its user can read', async () => {
    const scene = await startSceneCamera()
    try {
      const { of } = await examine({ ...base, camera: { ...camera, device: scene.url } })
      expect(of('camera')).toMatchObject({ level: 'ok' })
      const snapshot = /: (\S+snapshot\.jpg)$/.exec(of('camera')?.sentence ?? '')?.[1] ?? ''
      expect(jpegSize(new Uint8Array(readFileSync(snapshot)))).toMatchObject({ widthPx: 320 })
      expect(statSync(snapshot).mode & 0o077).toBe(0)
      rmSync(dirname(snapshot), { recursive: true })
    } finally {
      await scene.close()
    }
  })

  test('speaks of the network for a network camera, and hides its address', async () => {
    const device = 'rtsp://owner:let-me-in@127.0.0.1:9/front'
    const { of, findings } = await examine({ ...base, camera: { ...camera, device } })
    expect(of('camera')).toMatchObject({
      level: 'error',
      remedy: 'Nothing answers at camera.device. Does the camera have power, and the same address?',
    })
    expect(JSON.stringify(findings)).not.toContain('let-me-in')
  })

  test('says that the camera is not plugged in', async () => {
    const { of } = await examine({ ...base, camera: { ...camera, device: '/dev/video-none' } })
    expect(of('camera')).toMatchObject({
      level: 'error',
      sentence: expect.stringContaining('unplugged'),
      remedy: expect.stringContaining('plugged in'),
    })
  })
})

describe('doctor: recording', () => {
  const awsKeys = { accessKeyId: 'test', secretAccessKey: 'test' }
  const recorded = ({ url: endpoint, region }: AwsServer, doorId: string) => ({
    ...base,
    ...{ doorId, hardware: 'simulated', link: 'simulated', recording: { stream: true } },
    simulator: { hardwarePort: 1, linkPort: 2, awsKeys },
    uploads: { region, bucket: null, endpoint },
  })

  test('asks Kinesis Video whether it accepts the recordings', async () => {
    const aws = await startAws({ videoStreams: ['front-door'] })
    try {
      const { of } = await examine(recorded(aws, 'front-door'))
      expect(of('recording')).toMatchObject({ level: 'ok' })
      const other = await examine(recorded(aws, 'back-door'))
      expect(other.of('recording')).toMatchObject({
        level: 'error',
        sentence: expect.stringContaining('no stream back-door'),
      })
    } finally {
      await aws.close()
    }
    const { of } = await examine(recorded(aws, 'front-door'))
    expect(of('recording')?.sentence).toContain('cannot be reached: ECONNREFUSED')
  })
})

describe('doctor: SMS', () => {
  const keys = { accessKeyId: 'test', secretAccessKey: 'test' }
  const online = {
    ...{ ...base, link: 'iot' },
    iot: { endpoint: '127.0.0.1', port: 9, identityDir: join(folder, 'none') },
  }
  let sns: Server
  let answer: string
  beforeEach(() => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', keys.accessKeyId)
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', keys.secretAccessKey)
    vi.stubEnv('AWS_SESSION_TOKEN', '')
    vi.stubEnv('AWS_REGION', 'eu-central-1')
    vi.stubEnv('AWS_ENDPOINT_URL_SNS', `http://127.0.0.1:${portOf(sns)}/`)
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
    ['<IsInSandbox>false</IsInSandbox>', 'ok', 'can text all numbers'],
    ['<IsInSandbox>true</IsInSandbox>', 'warning', 'only verified numbers get texts'],
    ['<Code>AuthorizationError</Code>', 'warning', 'AWS did not say'],
  ])('asks AWS about the SMS sandbox: %s', async (said, level, sentence) => {
    answer = said
    const { of } = await examine(online)
    expect(of('sms')).toMatchObject({ level, sentence: expect.stringContaining(sentence) })
  })

  test('does not ask without AWS keys, and says so', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', '')
    vi.stubEnv('AWS_PROFILE', '')
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/none')
    const { of } = await examine(online)
    expect(of('sms')?.sentence).toContain('run this with your AWS keys')
  })
})

test('doctor reports an input whose resistor onoff cannot set', async () => {
  const gpio = { driver: 'onoff', doorContact: { bcm: 22 } }
  const { of } = await examine({ ...base, gpio })
  expect(of('firmware')).toMatchObject({
    level: 'error',
    remedy: expect.stringContaining('gpio=22=ip,pu'),
  })
  const { of: ofHighPin } = await examine({ ...base, gpio: { ...gpio, doorContact: { bcm: 5 } } })
  expect(ofHighPin('firmware')?.level).not.toBe('error')
})

describe('doctor: the data folder', () => {
  test('must not be in memory', async () => {
    const { of } = await examine({ ...base, dataDir: '/dev/shm' })
    expect(of('lasting')).toMatchObject({ level: 'error' })
    // Not in /tmp, which may be in memory.
    const { of: ofDisk } = await examine({ ...base, dataDir: import.meta.dirname })
    expect(ofDisk('lasting')).toMatchObject({ level: 'ok' })
  })

  test.each([
    ['an overlay of raspi-config', 0x794c7630, 'console=tty1 boot=overlay root=PARTUUID=1', true],
    ['an overlay of overlayroot', 0x794c7630, 'overlayroot=tmpfs:recurse=0 quiet', true],
    ['a container', 0x794c7630, 'console=tty1 root=PARTUUID=1', false],
    ['a partition of its own below an overlay', 0xef53, 'boot=overlay', false],
  ])('in %s', (_, fileSystem, commandLine, lost) => {
    expect(isLost(fileSystem, commandLine)).toBe(lost)
  })
})

test('doctor --blink reports a relay that does not switch on', async () => {
  for (const name of ['gpiodetect', 'gpioget', 'gpiomon', 'gpioset']) {
    const into = join(folder, name === 'gpioset' ? 'switchable' : 'programs')
    mkdirSync(into, { recursive: true })
    copyFileSync(
      join(import.meta.dirname, '../../support/hardware/fake-gpiod.sh'),
      join(into, name),
    )
    writeFileSync(join(into, 'version'), '2')
  }
  const gpioset = `case "$*" in *17=1*) exit 1 ;; esac; exec '${folder}/switchable/gpioset' "$@"`
  writeFileSync(join(folder, 'programs/gpioset'), `#!/bin/bash\n${gpioset}`, { mode: 0o755 })
  vi.stubEnv('PATH', `${join(folder, 'programs')}:/usr/bin:/bin`)
  writeFileSync(path, JSON.stringify({ ...base, gpio: { driver: 'gpiod' } }))
  const { code, stdout } = await smartDoor('doctor', '--blink', '--config', path)
  expect([code, stdout]).toEqual([
    1,
    expect.stringMatching(/ERROR +blink +BCM 17 cannot be driven\./),
  ])
})

describe('doctor: a running door', () => {
  let door: RunningDoor
  beforeAll(async () => {
    door = await runDoor({ config: { link: 'none' } })
  })
  afterAll(() => door.close())

  test('finds no error, and leaves relay and camera alone', async () => {
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
    const { code, stdout } = await smartDoor('doctor', '--blink', '--config', path)
    expect(stdout).toMatch(/ok +daemon +The daemon runs and has no problems\./)
    expect(stdout).toMatch(/ok +database +\d+ events/)
    expect([code, stdout]).toEqual([0, expect.stringContaining('Result: no errors, ')])
  })

  test('reports that another door uses its port', async () => {
    const port = Number(new URL(door.url()).port)
    const { of } = await examine({ ...base, keypad: { port } })
    expect(of('daemon')).toMatchObject({
      level: 'error',
      sentence: `On port ${port} answers the daemon of another door, "test-door".`,
    })
  })
})
