/** Whatever follows from a face needs all of this, and one connection to its tables. */
import { shippedRecognition } from '../visits/core/sighting.ts'
import { clock, log, newId, webOrigin } from './basics.ts'
import { doors } from './doors.ts'
import { faces } from './faces.ts'
import { later } from './later.ts'
import { mail } from './mail.ts'
import { photos } from './photos.ts'
import { secrets } from './secrets.ts'
import { dynamodb, household, once, passcodes, requests, visitors, visits } from './tables.ts'

export function sightingParts() {
  const tables = dynamodb()
  return {
    photos: photos(),
    faces: faces(),
    recognition: shippedRecognition,
    visits: visits(tables),
    visitors: visitors(tables),
    requests: requests(tables),
    passcodes: passcodes(tables),
    once: once(tables),
    household: household(tables),
    secrets: secrets(),
    doors: doors(),
    mail: mail(),
    later: later(),
    webOrigin: webOrigin(),
    clock,
    newId,
    log,
  }
}
