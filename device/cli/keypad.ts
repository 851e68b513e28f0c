/** `smart-door keypad pair | list | remove`: the tablets that are keypads of this door. */
import { renderUnicodeCompact } from 'uqr'
import type { Io } from '../../terminal/command-line.ts'
import { readConfig } from '../config/config.ts'
import type { Config } from '../config/settings.ts'
import { mostTablets } from '../http/tablets/tablet-limits.ts'
import { ownerOf } from '../identity/folder-owner.ts'
import { fingerprintOf, readCertificate } from '../tablets/certificate.ts'
import { type PairedTablet, PairedTablets } from '../tablets/paired-tablets.ts'
import { grouped, offerPairing, uptimeMs } from '../tablets/pairing.ts'
import { addressForTablets, tabletsFolder } from '../tablets/tablets-folder.ts'

export function pairTablet(configPath: string, name: string, { stdout, stderr }: Io): number {
  const config = readConfig(configPath)
  const obstacle = obstacleFor(config, name)
  const certificate = readCertificate(tabletsFolder(config))
  if (obstacle !== null || !certificate) {
    stderr.write(`${obstacle ?? notListening}\n`)
    return 1
  }
  const owner = ownerOf(config.dataDir)
  const code = offerPairing(tabletsFolder(config), name, { nowMs: uptimeMs(), owner })
  const fingerprint = fingerprintOf(certificate)
  const address = `${addressForTablets(config)}/pairing/`
  const link = `${address}#${code}.${fingerprint.replaceAll(':', '')}`
  stdout.write(`${renderUnicodeCompact(link, { border: 2 })}

On the tablet, scan this, or open ${address}
and type the code within ten minutes:

    ${grouped(code)}

The browser warns that it does not know the certificate. Let it show the certificate, and continue only if its
SHA-256 fingerprint is

    ${fingerprint}
`)
  return 0
}

const notListening =
  'The daemon has not made its certificate yet. Run: sudo systemctl restart smart-door, then this again with sudo'

function obstacleFor(config: Config, name: string): string | null {
  if (config.tablets.host === null) {
    return 'No tablet can reach this door. Set tablets.host to "0.0.0.0" in the config file, and run: sudo systemctl restart smart-door'
  }
  if (!/^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,39}$/u.test(name)) {
    return 'NAME must be 1 to 40 letters, digits, spaces, "_", "-" or ".".'
  }
  if (!readCertificate(tabletsFolder(config))) return notListening
  const tablets = pairedIn(config).all()
  if (tablets.some((tablet) => tablet.name === name)) {
    return `A tablet named "${name}" is paired already. Take another name, or run: sudo smart-door keypad remove "${name}"`
  }
  return tablets.length < mostTablets
    ? null
    : `${mostTablets} tablets are paired, which is the most.`
}

/** Makes the folder, so only where the daemon, who must own it, was before. */
const pairedIn = (config: Config): PairedTablets => new PairedTablets(tabletsFolder(config))

const allPairedIn = (config: Config): readonly PairedTablet[] =>
  readCertificate(tabletsFolder(config)) ? pairedIn(config).all() : []

export function listTablets(configPath: string, { stdout }: Io): number {
  const config = readConfig(configPath)
  const certificate = readCertificate(tabletsFolder(config))
  const rows = allPairedIn(config).map(({ name, pairedAtMs }) => `${day(pairedAtMs)}  ${name}\n`)
  stdout.write(rows.length > 0 ? rows.join('') : 'No tablet is paired.\n')
  if (certificate) stdout.write(`Certificate (SHA-256): ${fingerprintOf(certificate)}\n`)
  return 0
}

// Sweden's format is that of ISO 8601.
const day = (ms: number): string => new Date(ms).toLocaleDateString('sv-SE')

export function removeTablet(configPath: string, name: string, { stdout, stderr }: Io): number {
  const config = readConfig(configPath)
  const named = allPairedIn(config).filter((tablet) => tablet.name === name)
  for (const tablet of named) pairedIn(config).remove(tablet)
  if (named.length === 0) {
    stderr.write(`No tablet is named "${name}". See: sudo smart-door keypad list\n`)
    return 1
  }
  stdout.write(`"${name}" is out.\n`)
  return 0
}
