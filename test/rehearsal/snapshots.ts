/** Uploads snapshots of a visitor with the certificate of a door, by the door's own code. */
import { randomBytes } from 'node:crypto'
import { iotCredentials } from '../../device/aws/credentials.ts'
import { s3Uploads } from '../../device/camera/snapshots/s3.ts'
import type { Config } from '../../device/config/settings.ts'
import { readIdentity } from '../../device/identity/identity-folder.ts'
import type { Person } from '../../simulation/scenes/drawn-faces.ts'
import { snapshotKey } from '../support/cloud/cloud-home.ts'
import { snapshots } from '../support/drawn-snapshots.ts'
import type { Account } from './account.ts'

interface From {
  readonly account: Account
  readonly config: Config
  nowMs(): number
  settle(): Promise<void>
}

/** Drawing takes a while, and a rehearsal is repeated for each mistake. */
function drawn(face: Person, nth: number): Uint8Array {
  const name = `${face.name} ${nth}`
  const jpeg = drawings.get(name) ?? snapshots.front(face, nth)
  drawings.set(name, jpeg)
  return jpeg
}

const drawings = new Map<string, Uint8Array>()

/** So many must agree. */
const shown = 2

export async function uploadSnapshots(face: Person, visitNumber: number, from: From) {
  const { account, nowMs, settle } = from
  const { iot, uploads, doorId } = from.config
  const clock = { wallMs: nowMs, monotonicMs: nowMs }
  const { port } = account.credentialsEndpoint
  const s3 = s3Uploads({
    ...{ region: uploads.region ?? '', bucket: uploads.bucket ?? '', endpoint: account.aws.url },
    credentials: iotCredentials({
      ...{ host: iot.credentialsEndpoint ?? '', port, roleAlias: iot.roleAlias, clock },
      ...{ thingName: doorId, identity: () => readIdentity(iot.identityDir, iot.authorityFile) },
    }),
    clock,
  })
  const visitId = randomBytes(16).toString('hex')
  for (let nth = 1; nth <= shown; nth += 1) {
    const key = snapshotKey(visitId, nowMs() + nth, doorId)
    await s3.put({ key, jpeg: drawn(face, nth), visitNumber })
    await settle()
  }
}
