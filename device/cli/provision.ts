/**
 * `smart-door provision`: gives this door its identity. The key is made here and stays here. It can
 * be called again at any time, says what it did, and does nothing where nothing is to be done.
 */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { trouble, troubleWithHandshake, troubleWithPapers } from '../adapters/link-iot-trouble.ts'
import { readConfig } from '../config.ts'
import {
  certificateIdIn,
  forgetOldIdentities,
  keepIdentity,
  type NewIdentity,
  type Owner,
  readIdentity,
} from '../identity-folder.ts'
import type { Config } from '../settings.ts'
import {
  CannotProvision,
  type DoorInAws,
  doorInAws,
  type Endpoints,
  type Say,
} from './provision-aws.ts'
import { identityByClaim } from './provision-claim.ts'
import { fetchDoorKey, rotateDoorKey } from './provision-door-key.ts'

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
  const { doorId: thingName, iot, doorKeyFile } = config
  const aws = await doorInAws({ thingName, roleAlias: iot.roleAlias, say })
  const endpoints = await aws.check()
  await ensureCertificate(config, aws, endpoints, options.rotate, say)
  if (doorKeyFile) {
    const deps = { doorId: thingName, path: doorKeyFile, owner: ownerOf(config), say }
    await (options.rotate && existsSync(doorKeyFile) ? rotateDoorKey(deps) : fetchDoorKey(deps))
  } else {
    say('The door key was left alone: doorKeyFile does not say where it is.')
  }
  sayWhatToConfigure(config, endpoints, say)
}

async function ensureCertificate(
  config: Config,
  aws: DoorInAws,
  { endpoint }: Endpoints,
  rotate: boolean,
  say: Say,
): Promise<void> {
  const { identityDir } = config.iot
  const known = certificateIdIn(identityDir)
  if (!rotate && known !== null && (await aws.has(known)) && isGood(config)) {
    say(`This door has its certificate already: ${known}.`)
    return
  }
  const identity = await aws.certify()
  await prove(config, config.iot.endpoint ?? endpoint, identity)
  keepIdentity(identityDir, identity, ownerOf(config))
  // The daemon takes the new one as soon as the cloud drops the old one; its codes never wait.
  await aws.endOthers(identity.certificateId)
  forgetOldIdentities(identityDir)
}

function isGood({ iot }: Config): boolean {
  try {
    return troubleWithPapers(readIdentity(iot.identityDir, null), Date.now()) === null
  } catch {
    return false
  }
}

/** Before anything is given up for it. */
async function prove(config: Config, host: string, identity: NewIdentity): Promise<void> {
  const { port, authorityFile } = config.iot
  const authority = authorityFile === null ? null : readFileSync(authorityFile, 'utf8')
  const found = await troubleWithHandshake({ host, port }, { ...identity, authority })
  if (found) throw new CannotProvision(`The new certificate does not work: ${found.sentence}`)
}

function sayWhatToConfigure({ link, iot }: Config, endpoints: Endpoints, say: Say): void {
  const isSet =
    link === 'iot' &&
    iot.endpoint === endpoints.endpoint &&
    iot.credentialsEndpoint === endpoints.credentialsEndpoint
  if (isSet) return
  const wanted = { link: 'iot', iot: endpoints }
  say(`Now see that the config file has this in it:\n${JSON.stringify(wanted, null, 2)}`)
}

// ---------------------------------------------------------------- by a claim

async function withClaim(config: Config, options: ProvisionOptions, say: Say): Promise<void> {
  const { iot, doorId: thingName, doorKeyFile } = config
  const known = certificateIdIn(iot.identityDir)
  if (!options.rotate && known !== null && isGood(config)) {
    say(`This door has its certificate already: ${known}.`)
  } else {
    if (iot.endpoint === null) {
      throw new CannotProvision('Say in the config file what iot.endpoint is: a claim cannot ask.')
    }
    const claim = readClaim(options.claim ?? '', iot.authorityFile)
    const endpoint = { host: iot.endpoint, port: iot.port }
    const { template } = options
    const identity = await identityByClaim({ endpoint, claim, template, thingName, say })
    await prove(config, iot.endpoint, identity)
    keepIdentity(iot.identityDir, identity, ownerOf(config))
    forgetOldIdentities(iot.identityDir)
  }
  if (!doorKeyFile || existsSync(doorKeyFile)) return
  say(
    `The door key is still missing. With AWS credentials, anywhere:\n  aws secretsmanager get-secret-value --secret-id smart-door/door-key/${thingName} --query SecretString --output text\nand put what it prints into ${doorKeyFile}, for nobody else to read.`,
  )
}

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
  if (!(error instanceof Error)) return trouble('cloud-not-reached').sentence
  // AWS's own words name the call and the reason, and hold no secret.
  const words = error.message.replace(/^Error: /, '')
  const [, advice] = advices.find(([of]) => of.test(`${error.name}: ${words}`)) ?? []
  return `AWS did not do it: ${error.name}: ${words}\n${advice ?? otherAdvice}`
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
