/** Where everything about tablets is stored, and by which names they reach this computer. */
import { isIP } from 'node:net'
import { hostname } from 'node:os'
import { join } from 'node:path'
import type { Config } from '../config/settings.ts'

export const tabletsFolder = ({ dataDir }: Config): string => join(dataDir, 'tablets')

const everyAddress = ['0.0.0.0', '::']

/** The first is the one that a person is given. */
export function tabletNames({ tablets }: Config): readonly string[] {
  const { host, names } = tablets
  const own = host === null || everyAddress.includes(host) ? [] : [host]
  const called = names.length > 0 ? names : [`${hostname()}.local`, hostname()]
  return [...new Set([...called, ...own].map((name) => name.toLowerCase()))]
}

export function addressForTablets(config: Config): string {
  const [name = ''] = tabletNames(config)
  return `https://${isIP(name) === 6 ? `[${name}]` : name}:${config.tablets.port}`
}
