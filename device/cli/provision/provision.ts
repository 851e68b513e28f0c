/**
 * `smart-door provision`: gives this door its identity. The key is made here and stays here. It can
 * be called again at any time, says what it did, and does nothing where nothing is to be done.
 */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { readConfig } from '../../config/config.ts'
import type { Config } from '../../config/settings.ts'
import {
  certificateIdIn,
  checkRoom,
  forgetOldIdentities,
  IdentityExposed,
  keepIdentity,
  type NewIdentity,
  type Owner,
  readIdentity,
} from '../../identity/identity-folder.ts'
import { diagnoseCertificate, diagnoseHandshake, diagnosis } from '../../link/mqtt/diagnosis.ts'
import { fetchDoorKey, rotateDoorKey } from './door-key.ts'
import {
  CannotProvision,
  type DoorInAws,
  doorInAws,
  type Endpoints,
  type Say,
} from './with-aws-keys.ts'
import { identityByClaim } from './with-claim.ts'

export interface ProvisionOptions {
  /** Replace certificate and door key although the ones there are good. */
  readonly rotate: boolean
  /** Folder with the claim's `certificate.pem` and `private-key.pem`; null: with AWS credentials. */
  readonly claim: string | null
  readonly template: string
}

export async function provision(configPath: string, options: ProvisionOptions): Promise<number> {
  const config = readConfig(configPath)
  const say: Say = (sentence) => process.stdout.write(`${sentence}\n`)
  // Nobody reads on, in `provision | head` for one: that is no reason to stop half-way.
  process.stdout.on('error', () => {})
  try {
    await (options.claim === null ? withCredentials : withClaim)(config, options, say)
    return 0
  } catch (error) {
    process.stderr.write(`${sentenceFor(error)}\n`)
    return 1
  }
}

// ---------------------------------------------------------------- with AWS credentials

async function withCredentials(config: Config, options: ProvisionOptions, say: Say): Promise<void> {
  const { doorId: thingName, iot } = config
  const aws = await doorInAws({ thingName, roleAlias: iot.roleAlias, say })
  const endpoints = await aws.check()
  const isNew = certificateIdIn(iot.identityDir) === null
  // A new door gets its key first: the one that the installer made is nobody's, and only as long
  // as there is no certificate can that be told.
  if (isNew) await ensureDoorKey(config, { rotate: false, isNew }, say)
  await ensureCertificate(config, aws, endpoints, options.rotate, say)
  if (!isNew) await ensureDoorKey(config, { rotate: options.rotate, isNew }, say)
  sayWhatToConfigure(config, endpoints, say)
}

interface KeyWish {
  readonly rotate: boolean
  readonly isNew: boolean
}

async function ensureDoorKey(config: Config, { rotate, isNew }: KeyWish, say: Say): Promise<void> {
  const { doorId, doorKeyFile: path } = config
  if (!path) return say(keyFromSystemd)
  const deps = { doorId, path, owner: ownerOf(config), say }
  await (rotate && existsSync(path) ? rotateDoorKey(deps) : fetchDoorKey(deps, isNew))
}

const keyFromSystemd =
  'The door key was left alone: doorKeyFile does not say where it is. Where systemd hands it over, set doorKeyFile to the file that LoadCredential= names (as installed, /etc/smart-door/door-key), run: sudo systemctl restart smart-door, and call this again.'

async function ensureCertificate(
  config: Config,
  aws: DoorInAws,
  { endpoint }: Endpoints,
  rotate: boolean,
  say: Say,
): Promise<void> {
  const { identityDir } = config.iot
  const known = certificateIdIn(identityDir)
  const flaw = known === null || rotate ? null : await flawOf(config, aws, known)
  if (known !== null && !rotate && flaw === null) {
    say(`This door has its certificate already: ${known}.`)
    // What an earlier run left behind that was cut off.
    return endOthers(config, aws, known)
  }
  if (flaw !== null) say(`The certificate of this door is replaced: ${flaw}`)
  checkRoom(identityDir, ownerOf(config))
  const identity = await aws.certify()
  await prove(config, config.iot.endpoint ?? endpoint, identity)
  keepIdentity(identityDir, identity, ownerOf(config))
  // The daemon takes the new one as soon as the cloud drops the old one; its codes never wait.
  await endOthers(config, aws, identity.certificateId)
}

async function endOthers({ iot }: Config, aws: DoorInAws, certificateId: string): Promise<void> {
  await aws.endOthers(certificateId)
  forgetOldIdentities(iot.identityDir)
}

const flawOf = async (config: Config, aws: DoorInAws, known: string): Promise<string | null> =>
  (await aws.has(known)) ? flawOnDisk(config) : 'AWS does not know it as one of this door.'

function flawOnDisk({ iot }: Config): string | null {
  try {
    return diagnoseCertificate(readIdentity(iot.identityDir, null), Date.now())?.sentence ?? null
  } catch (error) {
    return error instanceof IdentityExposed ? error.message : 'It cannot be read.'
  }
}

/** Before anything is given up for it. */
async function prove(config: Config, host: string, identity: NewIdentity): Promise<void> {
  const { port, authorityFile } = config.iot
  const authority = authorityFile === null ? null : readFileSync(authorityFile, 'utf8')
  const found = await diagnoseHandshake({ host, port }, { ...identity, authority })
  if (found) throw new CannotProvision(`The new certificate does not work: ${found.sentence}`)
}

function sayWhatToConfigure({ link, iot }: Config, endpoints: Endpoints, say: Say): void {
  const isSet =
    link === 'iot' &&
    iot.endpoint === endpoints.endpoint &&
    iot.credentialsEndpoint === endpoints.credentialsEndpoint
  if (isSet) return
  const wanted = { link: 'iot', iot: endpoints }
  say(
    `Now see that the config file has this in it:\n${JSON.stringify(wanted, null, 2)}\nand run: sudo systemctl restart smart-door`,
  )
}

// ---------------------------------------------------------------- by a claim

async function withClaim(config: Config, options: ProvisionOptions, say: Say): Promise<void> {
  const known = certificateIdIn(config.iot.identityDir)
  if (known !== null && !options.rotate && flawOnDisk(config) === null) {
    say(`This door has its certificate already: ${known}.`)
    forgetOldIdentities(config.iot.identityDir)
  } else {
    await claimCertificate(config, options, say)
    if (known !== null) say(endByHand(known))
  }
  if (known === null || !config.doorKeyFile || !existsSync(config.doorKeyFile)) {
    say(keyByHand(config))
  }
}

async function claimCertificate(config: Config, options: ProvisionOptions, say: Say) {
  const { iot, doorId: thingName } = config
  if (iot.endpoint === null) {
    throw new CannotProvision('Say in the config file what iot.endpoint is: a claim cannot ask.')
  }
  const claim = readClaim(options.claim ?? '', iot.authorityFile)
  const endpoint = { host: iot.endpoint, port: iot.port }
  const { template } = options
  checkRoom(iot.identityDir, ownerOf(config))
  const identity = await identityByClaim({ endpoint, claim, template, thingName, say })
  await prove(config, iot.endpoint, identity)
  keepIdentity(iot.identityDir, identity, ownerOf(config))
  forgetOldIdentities(iot.identityDir)
}

const endByHand = (certificateId: string): string =>
  `The one before is still good in AWS, which a claim cannot change. With AWS credentials, anywhere:\n  aws iot update-certificate --certificate-id ${certificateId} --new-status INACTIVE`

/** Whatever is in the file of a new door was made by the installer, and no code follows from it. */
const keyByHand = ({ doorId, doorKeyFile }: Config): string =>
  `The door key does not come with a claim. With AWS credentials, anywhere:\n  aws secretsmanager get-secret-value --secret-id smart-door/door-key/${doorId} --query SecretString --output text\nand put what it prints into ${doorKeyFile ?? 'the file that doorKeyFile names'}, in the place of what is there, for nobody else to read. Then run: sudo systemctl restart smart-door`

function readClaim(folder: string, authorityFile: string | null) {
  try {
    return {
      certificate: readFileSync(join(folder, 'certificate.pem'), 'utf8'),
      key: readFileSync(join(folder, 'private-key.pem'), 'utf8'),
      authority: authorityFile === null ? null : readFileSync(authorityFile, 'utf8'),
    }
  } catch {
    throw new CannotProvision(
      `${folder} must have the claim in it: certificate.pem and private-key.pem.`,
    )
  }
}

// ---------------------------------------------------------------- both

/** Root may have typed the command, but it is the owner of the data folder who runs the daemon. */
function ownerOf({ dataDir }: Config): Owner | null {
  if (process.getuid?.() !== 0 || !existsSync(dataDir)) return null
  const { uid, gid } = statSync(dataDir)
  return { uid, gid }
}

function sentenceFor(error: unknown): string {
  if (error instanceof CannotProvision) return error.message
  if (!(error instanceof Error)) return diagnosis('cloud-not-reached').sentence
  const local = hereAtFault(error)
  if (local !== null) return local
  // AWS's own words name the call and the reason, and hold no secret.
  const words = error.message.replace(/^Error: /, '')
  const [, advice] = advices.find(([of]) => of.test(`${error.name}: ${words}`)) ?? []
  return `AWS did not do it: ${error.name}: ${words}\n${advice ?? otherAdvice}`
}

/** What the system of this computer refused: AWS had no part in it. */
function hereAtFault(error: Error): string | null {
  const code = 'code' in error ? String(error.code) : ''
  const advice = adviceHere[code]
  return advice === undefined ? null : `This computer refused it: ${error.message}\n${advice}`
}

const thenAgain = 'then call it again: it goes on where it stopped.'
const lookAtPath = `Look at what is in that place and whose it is, ${thenAgain}`
const adviceHere: Readonly<Record<string, string>> = {
  ENOSPC: `The disk is full. Make room (sudo journalctl --vacuum-size=50M), ${thenAgain}`,
  EDQUOT: `The disk is full. Make room, ${thenAgain}`,
  EROFS: `The disk can only be read, as worn-out memory cards are. Mend that, ${thenAgain}`,
  EIO: `The disk does not work. Mend that, ${thenAgain}`,
  EACCES: 'Call it with sudo -E.',
  EPERM: 'Call it with sudo -E.',
  EEXIST: lookAtPath,
  EISDIR: lookAtPath,
  ENOTDIR: lookAtPath,
}

const advices: readonly (readonly [of: RegExp, advice: string])[] = [
  [/region is missing/i, 'Say which one: export AWS_REGION=… (where the cloud half is deployed).'],
  [
    /CredentialsProviderError|InvalidSignature|UnrecognizedClient|InvalidClientTokenId/,
    'Export AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and with sudo keep them: sudo -E. Or use --claim.',
  ],
  [/Expired/, 'These credentials are over: sign in to AWS again, and export the new ones.'],
  [
    /AccessDenied|NotAuthorized|Forbidden/,
    'docs/provisioning.md lists the rights that are needed.',
  ],
]
const otherAdvice = 'Nothing is lost: it can be called again, and goes on where it stopped.'
