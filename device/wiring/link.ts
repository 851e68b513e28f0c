/** Creates the cloud link that the config file asks for. */
import type { Config } from '../config/settings.ts'
import type { CloudLink, Log } from '../daemon/ports.ts'
import { readIdentity } from '../identity/identity-folder.ts'
import { SimulatedLink } from '../simulated/link.ts'

/** A door without a cloud checks the codes that it has, and its messages stay in its outbox. */
export const noLink: CloudLink = {
  start() {},
  publish: () => Promise.reject(new Error('This door has no cloud.')),
  async stop() {},
}

export async function wireLink(config: Config, log: Log): Promise<CloudLink> {
  const { link, doorId, iot, simulator } = config
  if (link === 'none') return noLink
  if (link === 'simulated') {
    return new SimulatedLink({ port: simulator?.linkPort ?? 0, secret: simulator?.secret })
  }
  // The SDK takes much memory, so it is loaded only where it is used.
  const { IotLink } = await import('../link/mqtt/link.ts')
  return new IotLink({
    endpoint: { host: iot.endpoint ?? '', port: iot.port },
    thingName: doorId,
    keepAliveSeconds: iot.keepAliveSeconds,
    paced: iot.paced,
    identity: () => readIdentity(iot.identityDir, iot.authorityFile),
    report: ({ reason, sentence }) => log.warn({ reason }, sentence),
  })
}
