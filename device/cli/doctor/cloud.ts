/** The line to the cloud, step by step: certificate, its end, the broker, credentials. */
import { X509Certificate } from 'node:crypto'
import { iotCredentials, NoCredentials } from '../../aws/credentials.ts'
import type { Config } from '../../config/settings.ts'
import type { Identity } from '../../daemon/ports.ts'
import { systemClock } from '../../host/clock.ts'
import { readIdentity } from '../../identity/identity-folder.ts'
import { diagnoseCertificate, diagnoseHandshake } from '../../link/mqtt/diagnosis.ts'
import { better, type Finding, well, wrong } from './finding.ts'

const dayMs = 86_400_000
const soonDays = 30
const rotate = 'Run: sudo smart-door provision --rotate'

export async function cloudFindings(config: Config): Promise<readonly Finding[]> {
  if (config.link === 'none') {
    const remedy = 'Run: sudo smart-door provision, and set link to iot.'
    return [better('cloud', 'This door has no line to a cloud, so it gets no codes.', remedy)]
  }
  if (config.link === 'simulated') return [well('cloud', 'The cloud is simulated.')]
  const identity = identityOf(config)
  if (!identity) {
    const remedy = 'Run: sudo smart-door provision'
    return [
      wrong('certificate', `There is none in ${config.iot.identityDir}, or not for you.`, remedy),
    ]
  }
  return [
    certificateFinding(identity),
    await brokerFinding(config, identity),
    await credentialsFinding(config, identity),
  ]
}

function identityOf({ iot }: Config): Identity | null {
  try {
    return readIdentity(iot.identityDir, iot.authorityFile)
  } catch {
    return null
  }
}

function certificateFinding(identity: Identity): Finding {
  const problem = diagnoseCertificate(identity, Date.now())
  if (problem) return wrong('certificate', problem.sentence, rotate)
  const { validToDate } = new X509Certificate(identity.certificate)
  const days = Math.floor((validToDate.getTime() - Date.now()) / dayMs)
  const sentence = `The certificate is good for ${days} more days.`
  return days < soonDays ? better('certificate', sentence, rotate) : well('certificate', sentence)
}

const noEndpoint = 'The config does not say where AWS IoT is: iot.endpoint is missing.'

async function brokerFinding({ iot }: Config, identity: Identity): Promise<Finding> {
  const { endpoint, port } = iot
  if (endpoint === null) return wrong('broker', noEndpoint, 'Run: sudo smart-door provision')
  const problem = await diagnoseHandshake({ host: endpoint, port }, identity)
  return problem
    ? wrong('broker', problem.sentence, `Can this computer reach ${endpoint}, port ${port}?`)
    : well('broker', `${endpoint} takes the calls of this door.`)
}

async function credentialsFinding(config: Config, identity: Identity): Promise<Finding> {
  const { credentialsEndpoint: host, roleAlias } = config.iot
  if (host === null) {
    const remedy = 'Set iot.credentialsEndpoint; the deployment prints it.'
    return better('credentials', 'Without iot.credentialsEndpoint no picture can be sent.', remedy)
  }
  const clock = systemClock({ source: 'host' })
  const options = { host, roleAlias, thingName: config.doorId, identity: () => identity, clock }
  try {
    await iotCredentials(options)()
    return well('credentials', 'The cloud hands out credentials for pictures and video.')
  } catch (error) {
    if (!(error instanceof NoCredentials)) throw error
    return wrong('credentials', error.message, 'Does the role alias of the deployment exist?')
  }
}
