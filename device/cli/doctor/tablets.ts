/** Which tablets are keypads of this door. */
import { readCertificate } from '../../tablets/certificate.ts'
import { PairedTablets } from '../../tablets/paired-tablets.ts'
import { tabletsFolder } from '../../tablets/tablets-folder.ts'
import { type Check, ok, warning } from './finding.ts'

export const tabletsFinding: Check = ({ config }) => {
  if (config.tablets.host === null) return null
  const folder = tabletsFolder(config)
  // The daemon makes the folder, which must be its own.
  if (!readCertificate(folder)) {
    return warning(
      'Tablets cannot connect yet.',
      'Start the daemon: sudo systemctl start smart-door',
    )
  }
  const tablets = new PairedTablets(folder).all()
  const each = tablets.map(({ name, seenAtMs }) => `${name}, last seen ${day(seenAtMs)}`)
  return ok(each.length > 0 ? `Paired: ${each.join('; ')}.` : 'No tablet is paired.')
}

// Sweden's format is that of ISO 8601.
const day = (ms: number): string => new Date(ms).toLocaleDateString('sv-SE')
