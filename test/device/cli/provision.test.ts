/** `smart-door provision`, against stand-ins for AWS that know what a real authority has signed. */

import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { readConfigAndSecrets } from '../../../device/config/config.ts'
import { otherKeys, writeKeys } from '../../../device/identity/door-key-file.ts'
import { certificateIdIn } from '../../../device/identity/identity-folder.ts'
import { oneTimeCredential } from '../../../protocol/messages/cloud.ts'
import { derivePasscode, oneTimeDigits } from '../../../protocol/passcode.ts'
import { type AwsServer, startAws } from '../../../simulation/aws/server.ts'
import { type IotHome, iotHome, newId } from '../../support/door/iot-home.ts'
import { smallDisk } from '../../support/door/small-disk.ts'
import { smartDoor } from '../../support/door/smart-door.ts'
import { testProof } from '../../support/effort.ts'
import { cloudName } from '../../support/network/broker.ts'
import { brokerClient } from '../../support/network/broker-client.ts'
import { makeCa } from '../../support/network/test-ca.ts'

const thing = 'test-door'
const claimName = 'the-claim'
const createTopic = '$aws/certificates/create-from-csr/json'
const provisionTopic = '$aws/provisioning-templates/smart-door/provision/json'

/** What a claim may do, as cloud/infra deploys it. */
const claimRules = [
  `user ${claimName}`,
  ...[createTopic, provisionTopic].flatMap((topic) => [
    `topic write ${topic}`,
    `topic read ${topic}/accepted`,
    `topic read ${topic}/rejected`,
  ]),
]

let home: IotHome
let aws: AwsServer
let identityDir: string
let keyFile: string
/** Copies of the door's folder and of its identity. */
let original: string
let closing: (() => unknown)[] = []

beforeAll(async () => {
  home = await iotHome({ rules: claimRules })
  identityDir = join(home.ca.folder, 'identity')
  keyFile = join(home.door.folder, 'door-key')
  original = join(home.ca.folder, 'original')
  cpSync(home.door.folder, join(original, 'door'), { recursive: true })
  cpSync(identityDir, join(original, 'identity'), { recursive: true, verbatimSymlinks: true })
})
afterAll(() => home.close())

beforeEach(async () => {
  vi.stubEnv('AWS_MAX_ATTEMPTS', '1')
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test')
  home.heard.length = 0
  aws = await startAws({
    secrets: { [`smart-door/door-key/${thing}`]: home.door.doorKey.toString('hex') },
    iotControl: {
      ...{ policies: ['smart-door'], roleAliases: ['smart-door'], sign: home.ca.sign },
      endpoints: {
        'iot:Data-ATS': home.broker.host,
        'iot:CredentialProvider': 'credentials.example.org',
      },
    },
  })
  aws.iotControl.createThing(thing, {
    photosBucket: 'smart-door-photos',
    webOrigin: 'https://door.example',
  })
  vi.stubEnv('AWS_REGION', aws.region)
})
afterEach(async () => {
  vi.unstubAllEnvs()
  for (const close of closing) await close()
  closing = []
  await aws.close()
  await resetDoor()
})

/** As it was before the first test; the broker forgets its session. */
async function resetDoor(): Promise<void> {
  if (await home.door.end('SIGKILL')) {
    const arrivals = home.cloud.arrivals()
    await home.broker.kill()
    await home.broker.start()
    await expect.poll(home.cloud.arrivals).toBeGreaterThan(arrivals)
  }
  for (const [path, from] of [
    [home.door.folder, 'door'],
    [identityDir, 'identity'],
  ] as const) {
    rmSync(path, { recursive: true, force: true })
    cpSync(join(original, from), path, { recursive: true, verbatimSymlinks: true })
  }
}

function provision(...options: string[]) {
  vi.stubEnv('AWS_ENDPOINT_URL', aws.url)
  return smartDoor('provision', '--config', home.door.configPath, ...options)
}

const certificates = () => [...aws.iotControl.certificates.values()]
const keyIn = (file: string) => readFileSync(file, 'utf8').slice(0, 64)

describe('with AWS credentials', () => {
  test('gives a new door certificate and key, and changes nothing the second time', async () => {
    rmSync(identityDir, { recursive: true })
    rmSync(keyFile)
    const first = await provision()
    expect(first).toMatchObject({ code: 0, stderr: '' })
    expect(first.stdout).toContain('"credentialsEndpoint": "credentials.example.org"')
    const [certificate, ...more] = certificates()
    expect(more).toEqual([])
    expect(certificate).toMatchObject({ status: 'ACTIVE', policies: new Set(['smart-door']) })
    expect(aws.iotControl.things.get(thing)?.size).toBe(1)
    expect(certificateIdIn(identityDir)).toBe(certificate?.certificateId)
    const secrets = [keyFile, join(identityDir, 'current', 'private-key.pem')]
    expect(secrets.map((file) => statSync(file).mode & 0o777)).toEqual([0o600, 0o600])
    expect(keyIn(keyFile)).toBe(home.door.doorKey.toString('hex'))
    expect((await provision()).stdout).toContain('already has its certificate')
    expect(certificates()).toEqual([certificate])
    await home.door.start()
    await expect.poll(resyncs).toBe(1)
  })

  test('prints a complete config, or writes exactly that', async () => {
    rmSync(identityDir, { recursive: true })
    const before = JSON.parse(readFileSync(home.door.configPath, 'utf8'))
    const { endpoint, ...iot } = before.iot
    writeFileSync(home.door.configPath, JSON.stringify({ ...before, iot }))
    const { stdout } = await provision()
    const [printed = ''] = /^\{\n(?:.|\n)*^\}$/m.exec(stdout) ?? []
    const other = join(home.door.folder, 'printed.json')
    writeFileSync(other, printed)
    const { config } = readConfigAndSecrets(other, {})
    expect(config).toMatchObject({
      ...{ link: 'iot', uploads: { region: aws.region, bucket: 'smart-door-photos' } },
      iot: {
        endpoint,
        credentialsEndpoint: 'credentials.example.org',
        identityDir,
      },
      keypad: { pagesOrigin: 'https://door.example' },
    })
    expect((await provision('--write')).stdout).toContain('Wrote endpoints, bucket and pages')
    expect(readFileSync(home.door.configPath, 'utf8')).toBe(`${printed}\n`)
    expect((await provision('--write')).stdout).not.toContain('Wrote')
  })

  test('of a door that was not deployed says so', async () => {
    aws.iotControl.createThing(thing)
    expect((await provision()).stderr).toContain('deploy the cloud half first')
  })

  testProof(
    'replaces certificate and key of a running door, whose codes keep working',
    async () => {
      await provision('--rotate')
      const before15Minutes = Date.now() / 1_000 - 900
      utimesSync(keyFile, before15Minutes, before15Minutes)
      const oldKey = Buffer.from(keyIn(keyFile), 'hex')
      const [old] = certificates()
      // As with systemd: the daemon starts with a copy, and can also read the file.
      const credentials = join(home.door.folder, 'credentials')
      mkdirSync(credentials)
      copyFileSync(keyFile, join(credentials, 'door-key'))
      vi.stubEnv('CREDENTIALS_DIRECTORY', credentials)
      await home.door.start()
      await expect.poll(resyncs).toBe(1)
      const before = await granted()

      expect(await provision('--rotate')).toMatchObject({ code: 0, stderr: '' })
      expect(certificates()).toHaveLength(1)
      expect(certificates()[0]?.certificateId).not.toBe(old?.certificateId)
      const newKey = Buffer.from(keyIn(keyFile), 'hex')
      expect(newKey.equals(oldKey)).toBe(false)

      const after = await granted()
      expect(await outcome(oldKey, before)).toBe('accepted')
      expect(await outcome(newKey, after)).toBe('accepted')
      // Each code once, with either key.
      expect([await outcome(oldKey, before), await outcome(newKey, after)]).toEqual([
        'denied',
        'denied',
      ])

      // The broker refuses the old certificate: the running door reconnects with the new one.
      const oldFile = join(home.ca.folder, 'old.pem')
      writeFileSync(oldFile, old?.pem ?? '')
      home.ca.revoke(oldFile)
      await home.broker.kill()
      await home.broker.start()
      await expect.poll(resyncs, { timeout: 40_000 }).toBe(2)
    },
  )

  test('continues where a run was interrupted between cloud and door', async () => {
    await provision()
    const own = keyIn(keyFile)
    const next = randomBytes(32).toString('hex')
    writeKeys(keyFile, { own, next, old: null })
    // The daemon accepts codes of both keys.
    expect(otherKeys(keyFile, Buffer.from(own, 'hex'))).toHaveLength(1)
    expect((await provision('--rotate')).code).toBe(0)
    expect(keyIn(keyFile)).toBe(next)
    writeKeys(keyFile, { own, next, old: null })
    expect((await provision()).code).toBe(0)
    expect(keyIn(keyFile)).toBe(next)
  })

  testProof('deletes what an interrupted run left behind', async () => {
    await provision()
    const [good] = certificates()
    mkdirSync(join(identityDir, '77'))
    writeFileSync(join(identityDir, '77', 'private-key.pem'), 'of an interrupted run')
    await killRotationOnce(() =>
      certificates().some((one) => one !== good && one.policies.size > 0),
    )
    expect(certificates()).toHaveLength(2)
    expect((await provision()).stdout).toContain('already has its certificate')
    expect(certificates()).toEqual([good])
    expect(readdirSync(identityDir).sort()).toEqual(['2', 'current'])
  })

  /** In a process of its own, killed as soon as the condition holds. */
  async function killRotationOnce(condition: () => boolean): Promise<void> {
    vi.stubEnv('AWS_ENDPOINT_URL', aws.url)
    const program = join(import.meta.dirname, '../../../device/cli/smart-door.ts')
    const args = [program, 'provision', '--rotate', '--config', home.door.configPath]
    const rotating = spawn(process.execPath, args, { env: process.env })
    const ended = once(rotating, 'close')
    while (!condition() && rotating.exitCode === null) await new Promise(setImmediate)
    rotating.kill('SIGKILL')
    await ended
  }

  test('replaces the key that the installer of a new door made', async () => {
    rmSync(identityDir, { recursive: true })
    writeFileSync(keyFile, 'f'.repeat(64), { mode: 0o600 })
    const { code, stdout } = await provision()
    expect({ code, stdout }).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('replacing one that the cloud did not know'),
    })
    expect(keyIn(keyFile)).toBe(home.door.doorKey.toString('hex'))
  })

  test('keeps a key that the cloud may still derive codes from', async () => {
    await provision('--rotate')
    const keys = readFileSync(keyFile, 'utf8')
    const { code, stdout } = await provision('--rotate')
    expect({ code, stdout }).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('less than 15 minutes ago'),
    })
    expect(readFileSync(keyFile, 'utf8')).toBe(keys)
  })

  test('says why it replaces a certificate without --rotate', async () => {
    await provision()
    chmodSync(join(identityDir, 'current', 'private-key.pem'), 0o644)
    expect((await provision()).stdout).toContain('can read the private key')
  })

  test('requests no certificate that this computer could not store, and does not blame AWS', async () => {
    rmSync(identityDir, { recursive: true })
    writeFileSync(identityDir, 'a file')
    const blocked = await provision()
    expect(blocked).toMatchObject({ code: 1, stderr: expect.stringContaining('This computer') })
    expect(blocked.stderr).not.toContain('AWS')
    expect(certificates()).toEqual([])
  })

  test('requests no certificate that does not fit on the disk', async () => {
    rmSync(identityDir, { recursive: true })
    const disk = smallDisk(1)
    if (!disk) return
    closing.push(disk.end)
    const config = JSON.parse(readFileSync(home.door.configPath, 'utf8'))
    config.iot.identityDir = join(disk.folder, 'identity')
    writeFileSync(home.door.configPath, JSON.stringify(config))
    disk.fill()
    expect((await provision()).stderr).toContain('The disk is full')
    expect(certificates()).toEqual([])
    disk.empty()
    expect((await provision()).code).toBe(0)
    expect(certificates()).toHaveLength(1)
  })

  test('never replaces an unknown key of a door that has a certificate', async () => {
    writeFileSync(keyFile, 'f'.repeat(64), { mode: 0o600 })
    const { code, stderr } = await provision()
    expect({ code, stderr }).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('is not that of the cloud'),
    })
    expect(keyIn(keyFile)).toBe('f'.repeat(64))
  })

  test('keeps the old certificate if the new one does not work', async () => {
    await provision()
    const good = certificateIdIn(identityDir)
    const other = makeCa('Another')
    const server = await startAws({
      iotControl: {
        ...{ policies: ['smart-door'], roleAliases: ['smart-door'], sign: other.sign },
        endpoints: { 'iot:Data-ATS': home.broker.host, 'iot:CredentialProvider': 'x.example.org' },
      },
    })
    await aws.close()
    aws = server
    aws.iotControl.createThing(thing, { photosBucket: 'smart-door-photos' })
    const { code, stderr } = await provision('--rotate')
    expect({ code, stderr }).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('does not know'),
    })
    expect(certificateIdIn(identityDir)).toBe(good)
    other.remove()
  })

  test('says what to do without a region or credentials', async () => {
    vi.stubEnv('AWS_CONFIG_FILE', '/none')
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/none')
    vi.stubEnv('AWS_REGION', undefined)
    vi.stubEnv('AWS_DEFAULT_REGION', undefined)
    expect((await provision()).stderr).toBe(
      'AWS was not reached: Error: Region is missing\nRun: export AWS_REGION=… (where the cloud half is deployed).\n',
    )
    vi.stubEnv('AWS_REGION', aws.region)
    vi.stubEnv('AWS_ACCESS_KEY_ID', undefined)
    vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true')
    const { stderr } = await provision()
    expect(stderr).toContain('Export AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY')
  })

  test('says that AWS cannot be reached, or that the cloud half is missing', async () => {
    await aws.close()
    const unreachable = await provision()
    expect(unreachable).toMatchObject({ code: 1, stdout: '' })
    expect(unreachable.stderr).toMatch(/AWS was not reached: .*\nNothing is lost: run it again/)
    aws = await startAws()
    expect((await provision()).stderr).toContain('deploy the cloud half first')
  })
})

describe('with a claim', () => {
  let claimFolder: string
  let answers: { certified: object; registered: object; verdict: 'accepted' | 'rejected' }

  beforeEach(async () => {
    claimFolder = join(home.door.folder, 'claim')
    mkdirSync(claimFolder)
    const papers = home.ca.issue(claimName)
    copyFileSync(papers.certificate, join(claimFolder, 'certificate.pem'))
    copyFileSync(papers.key, join(claimFolder, 'private-key.pem'))
    answers = { certified: {}, registered: { thingName: thing }, verdict: 'accepted' }
    await provisioningService()
  })

  /** AWS's side of fleet provisioning. */
  async function provisioningService(): Promise<void> {
    const { ca, broker } = home
    const papers = ca.issue(cloudName)
    const service = await brokerClient({
      ...{ broker, ca, papers, clientId: 'aws', filters: [createTopic, provisionTopic] },
      hear: ({ topic, text }) => void answer(topic, JSON.parse(text)),
    })
    closing.push(() => service.close())

    async function answer(topic: string, asked: Record<string, unknown>): Promise<void> {
      const said = topic === createTopic ? certified(asked) : registered(asked)
      const verdict = topic === createTopic ? 'accepted' : answers.verdict
      await service.say({ topic: `${topic}/${verdict}`, text: JSON.stringify(said) })
    }
  }

  const certified = ({ certificateSigningRequest: request }: Record<string, unknown>) => ({
    ...{ certificateId: 'certified', certificateOwnershipToken: 'token' },
    certificatePem: home.ca.sign(String(request)),
  })

  const registered = ({ certificateOwnershipToken, parameters }: Record<string, unknown>) => {
    expect(certificateOwnershipToken).toBe('token')
    expect(parameters).toEqual({ ThingName: thing })
    return answers.registered
  }

  test('gives a new door its certificate, and says how to fetch the door key', async () => {
    rmSync(identityDir, { recursive: true })
    rmSync(keyFile)
    const { code, stdout, stderr } = await provision('--claim', claimFolder)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain('get-secret-value')
    for (const setting of ['"link" to "iot"', 'iot.credentialsEndpoint', 'uploads.bucket']) {
      expect(stdout).toContain(setting)
    }
    expect(certificateIdIn(identityDir)).toBe('certified')
    writeFileSync(keyFile, home.door.doorKey.toString('hex'), { mode: 0o600 })
    await home.door.start()
    await expect.poll(resyncs).toBe(1)
  })

  test('says why the cloud refused, and changes nothing', async () => {
    answers = { ...answers, verdict: 'rejected', registered: { errorMessage: 'not on the list' } }
    const { code, stderr } = await provision('--claim', claimFolder, '--rotate')
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'The cloud refused the claim: not on the list\n',
    })
    expect(certificateIdIn(identityDir)).toBe('made-by-the-test')
  })

  test('prints the commands for what a claim cannot do', async () => {
    const { code, stdout } = await provision('--claim', claimFolder, '--rotate')
    expect(code).toBe(0)
    expect(stdout).toContain('--certificate-id made-by-the-test --new-status INACTIVE')
    rmSync(identityDir, { recursive: true })
    // There is a key, but the installer made it.
    expect((await provision('--claim', claimFolder)).stdout).toContain('Replace the content of')
  })

  test('says that the claim is invalid or not allowed', async () => {
    const other = home.ca.issue('nobody-knows')
    copyFileSync(other.key, join(claimFolder, 'private-key.pem'))
    const mixed = await provision('--claim', claimFolder, '--rotate')
    expect(mixed.stderr).toContain('do not belong together')
    copyFileSync(other.certificate, join(claimFolder, 'certificate.pem'))
    const forbidden = await provision('--claim', claimFolder, '--rotate')
    expect(forbidden.stderr).toContain('does not accept this request of the claim')
  })

  test('refuses to become another door than its config says', async () => {
    answers = { ...answers, registered: { thingName: 'other-door' } }
    const { code, stderr } = await provision('--claim', claimFolder, '--rotate')
    expect(code).toBe(1)
    expect(stderr).toContain('"other-door"')
    expect(certificateIdIn(identityDir)).toBe('made-by-the-test')
  })
})

const resyncs = () => home.heard.filter(({ type }) => type === 'resync-wanted').length

const outcome = async (key: Uint8Array, grantId: string) =>
  (await home.door.enter(derivePasscode(key, grantId, oneTimeDigits))).outcome

async function granted(): Promise<string> {
  const grantId = newId()
  // A door that has just been set up knows nothing of what was granted before.
  const nowMs = Date.now()
  await home.tell({
    type: 'grant',
    credential: oneTimeCredential({
      grantId,
      visitId: null,
      visitorId: newId(),
      visitorName: 'Kim Lake',
      language: 'en',
      digits: 8,
      notBeforeMs: nowMs,
      expiresAtMs: nowMs + 120_000,
    }),
  })
  const stored = () =>
    home.heard.some((one) => one.type === 'grant-stored' && one.grantId === grantId)
  await expect.poll(stored).toBe(true)
  return grantId
}
