/**
 * `smart-door provision`: gives this door its certificate and door key. The private key is made here
 * and never leaves. It may be run again at any time, and changes only what needs to change.
 */
import { chownSync, existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import * as z from 'zod/mini'
import type { Io } from '../../../terminal/command-line.ts'
import { readConfig } from '../../config/config.ts'
import type { Config } from '../../config/settings.ts'
import type { Identity } from '../../daemon/ports.ts'
import { ownerOf } from '../../identity/folder-owner.ts'
import {
  certificateIdIn,
  checkRoom,
  IdentityExposed,
  type NewIdentity,
  readIdentity,
  removeUnusedIdentities,
  saveIdentity,
} from '../../identity/identity-folder.ts'
import { diagnoseCertificate, diagnoseHandshake } from '../../link/mqtt/diagnosis.ts'
import { type CloudConfig, DoorInAws } from './aws.ts'
import { identityByClaim } from './claim.ts'
import { fetchDoorKey, rotateDoorKey } from './door-key.ts'
import { CannotProvision, type Say, sentenceFor } from './outcome.ts'

export interface ProvisionOptions {
  /** Replace certificate and door key although they are good. */
  readonly rotate: boolean
  /** Folder with the claim's `certificate.pem` and `private-key.pem`; null: with AWS credentials. */
  readonly claim: string | null
  readonly template: string
  /** Write the config file instead of printing it. */
  readonly write: boolean
}

export async function provision(
  configPath: string,
  options: ProvisionOptions,
  { stdout, stderr }: Io,
): Promise<number> {
  const config = readConfig(configPath)
  const say: Say = (sentence) => stdout.write(`${sentence}\n`)
  // If the reader of the output is gone (`provision | head`), the work goes on.
  stdout.on?.('error', () => {})
  try {
    const { claim } = options
    if (claim !== null) {
      await withClaim(config, { ...options, claim }, say)
      if (lacksCloud(config)) say(configByHand(configPath))
    } else {
      const decided = await withCredentials(config, options.rotate, say)
      handOver({ configPath, config, decided, write: options.write }, say)
    }
    return 0
  } catch (error) {
    stderr.write(`${sentenceFor(error)}\n`)
    return 1
  }
}

// ---------------------------------------------------------------- with AWS credentials

async function withCredentials(config: Config, rotate: boolean, say: Say): Promise<CloudConfig> {
  const { doorId, iot } = config
  const aws = await DoorInAws.load(doorId, say)
  const decided = await aws.prepare(iot.roleAlias)
  const isNew = certificateIdIn(iot.identityDir) === null
  // A new door gets its key first: without a certificate, the key that it has is the installer's.
  if (isNew) await ensureDoorKey(config, { rotate: false, isNew }, say)
  await ensureCertificate(config, aws, { rotate, host: iot.endpoint ?? decided.iot.endpoint, say })
  if (!isNew) await ensureDoorKey(config, { rotate, isNew }, say)
  return decided
}

async function ensureDoorKey(
  config: Config,
  { rotate, isNew }: { readonly rotate: boolean; readonly isNew: boolean },
  say: Say,
): Promise<void> {
  const { doorId, doorKeyFile: path } = config
  if (!path) return say(keyFromSystemd)
  const file = { doorId, path, owner: ownerOf(config.dataDir), say }
  await (rotate && existsSync(path) ? rotateDoorKey(file) : fetchDoorKey(file, isNew))
}

const keyFromSystemd =
  'The door key was left alone: doorKeyFile is not set. Where systemd provides the key, set doorKeyFile to the file of LoadCredential= (as installed: /etc/smart-door/door-key), run: sudo systemctl restart smart-door, and run this again.'

async function ensureCertificate(
  config: Config,
  aws: DoorInAws,
  { rotate, host, say }: { readonly rotate: boolean; readonly host: string; readonly say: Say },
): Promise<void> {
  const { identityDir } = config.iot
  let certificateId = certificateIdIn(identityDir)
  const flaw = certificateId === null ? null : await flawOf(config, aws, certificateId)
  if (certificateId !== null && flaw === null && !rotate) {
    say(`This door already has its certificate: ${certificateId}.`)
  } else {
    if (flaw !== null) say(`The certificate of this door must be replaced: ${flaw}`)
    checkRoom(identityDir, ownerOf(config.dataDir))
    const identity = await aws.certify()
    await prove(config, host, identity)
    saveIdentity(identityDir, identity, ownerOf(config.dataDir))
    certificateId = identity.certificateId
  }
  // The old one, or what an interrupted run left. The daemon reconnects with the new one at once.
  await aws.deleteOtherCertificates(certificateId)
  removeUnusedIdentities(identityDir)
}

const flawOf = async (config: Config, aws: DoorInAws, known: string): Promise<string | null> =>
  (await aws.hasCertificate(known)) ? flawOnDisk(config) : 'in AWS it does not belong to this door.'

function flawOnDisk({ iot }: Config): string | null {
  try {
    return diagnoseCertificate(readIdentity(iot.identityDir, null), Date.now())?.sentence ?? null
  } catch (error) {
    return error instanceof IdentityExposed ? error.message : 'it cannot be read.'
  }
}

/** Connects with the new certificate, before the old one is given up. */
async function prove({ iot }: Config, host: string, identity: NewIdentity): Promise<void> {
  const to = { host, port: iot.port }
  const found = await diagnoseHandshake(to, { ...identity, authority: authorityOf(iot) })
  if (found) throw new CannotProvision(`The new certificate does not work: ${found.sentence}`)
}

const authorityOf = ({ authorityFile }: Config['iot']): string | null =>
  authorityFile === null ? null : readFileSync(authorityFile, 'utf8')

interface HandOver {
  readonly configPath: string
  readonly config: Config
  readonly decided: CloudConfig
  readonly write: boolean
}

/** Prints the whole config file as it should be, or writes it. */
function handOver({ configPath, config, decided, write }: HandOver, say: Say): void {
  const { iot, uploads, keypad } = decided
  const isSet =
    config.link === 'iot' &&
    isDeepStrictEqual(config.iot, { ...config.iot, ...iot }) &&
    isDeepStrictEqual(config.uploads, { ...config.uploads, ...uploads }) &&
    isDeepStrictEqual(config.keypad, { ...config.keypad, ...keypad })
  if (isSet) return
  const raw = z.parse(rawConfig, JSON.parse(readFileSync(configPath, 'utf8')))
  const wanted = {
    ...raw,
    link: 'iot',
    iot: { ...raw.iot, ...iot },
    uploads: { ...raw.uploads, ...uploads },
    keypad: { ...raw.keypad, ...keypad },
    recording: { stream: config.camera.driver !== 'none', ...raw.recording },
  }
  const text = JSON.stringify(wanted, null, 2)
  const restart = 'sudo systemctl restart smart-door'
  if (!write) {
    say(`Next: replace ${configPath} by this\n${text}\nand run: ${restart}`)
    return
  }
  const { mode, uid, gid } = statSync(configPath)
  writeFileSync(`${configPath}.new`, `${text}\n`, { mode })
  chownSync(`${configPath}.new`, uid, gid)
  renameSync(`${configPath}.new`, configPath)
  say(`Wrote endpoints, bucket and pages into ${configPath}. Next: ${restart}`)
}

/** As it is in the file, so that defaults stay unwritten. */
const part = z._default(z.record(z.string(), z.unknown()), {})
const rawConfig = z.looseObject({ iot: part, uploads: part, keypad: part, recording: part })

// ---------------------------------------------------------------- with a claim

interface ClaimOptions extends ProvisionOptions {
  readonly claim: string
}

async function withClaim(config: Config, options: ClaimOptions, say: Say): Promise<void> {
  const { iot, doorKeyFile } = config
  const known = certificateIdIn(iot.identityDir)
  if (known !== null && !options.rotate && flawOnDisk(config) === null) {
    say(`This door already has its certificate: ${known}.`)
  } else {
    await claimCertificate(config, options, say)
    if (known !== null) say(revokeByHand(known))
  }
  removeUnusedIdentities(iot.identityDir)
  if (known === null || !doorKeyFile || !existsSync(doorKeyFile)) say(fetchKeyByHand(config))
}

async function claimCertificate(config: Config, options: ClaimOptions, say: Say): Promise<void> {
  const { iot, doorId: thingName } = config
  if (iot.endpoint === null) {
    throw new CannotProvision('Set iot.endpoint in the config file: with a claim it must be known.')
  }
  const claim = readClaim(options.claim, authorityOf(iot))
  const endpoint = { host: iot.endpoint, port: iot.port }
  const { template } = options
  checkRoom(iot.identityDir, ownerOf(config.dataDir))
  const identity = await identityByClaim({ endpoint, claim, template, thingName, say })
  await prove(config, iot.endpoint, identity)
  saveIdentity(iot.identityDir, identity, ownerOf(config.dataDir))
}

const revokeByHand = (certificateId: string): string =>
  `The certificate before it is still active in AWS; a claim cannot change that. On any computer with AWS credentials, run:\n  aws iot update-certificate --certificate-id ${certificateId} --new-status INACTIVE`

/** The key that a new door has was made by the installer; no code was derived from it. */
const fetchKeyByHand = ({ doorId, doorKeyFile = 'the file of doorKeyFile' }: Config): string =>
  `A claim cannot fetch the door key. On any computer with AWS credentials, run:\n  aws secretsmanager get-secret-value --secret-id smart-door/door-key/${doorId} --query SecretString --output text\nReplace the content of ${doorKeyFile} with its output, readable by its owner only. Then run: sudo systemctl restart smart-door`

const lacksCloud = ({ link, iot, uploads }: Config): boolean =>
  link !== 'iot' || iot.credentialsEndpoint === null || uploads.bucket === null

/** What only AWS credentials can ask for. */
const configByHand = (configPath: string): string =>
  `Last, the door must know its cloud. In ${configPath} set "link" to "iot", and
  iot.credentialsEndpoint to the output of: aws iot describe-endpoint --endpoint-type iot:CredentialProvider --query endpointAddress --output text
  uploads.region to the region, and uploads.bucket to the output of: aws cloudformation describe-stacks --stack-name SmartDoor --query "Stacks[0].Outputs[?OutputKey=='PhotosBucket'].OutputValue" --output text
  keypad.pagesOrigin to its output WebOrigin
Then run: sudo systemctl restart smart-door`

function readClaim(folder: string, authority: string | null): Identity {
  const read = (name: string) => readFileSync(join(folder, name), 'utf8')
  try {
    return { certificate: read('certificate.pem'), key: read('private-key.pem'), authority }
  } catch {
    throw new CannotProvision(
      `${folder} must contain the claim: certificate.pem and private-key.pem.`,
    )
  }
}
