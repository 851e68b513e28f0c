/** A household whose pages can be opened in a browser: the real function behind a real gateway. */

import {
  type ApprovalRequest,
  parseRequestId,
} from '../../../cloud/approvals/core/approval-request.ts'
import { requestApproval } from '../../../cloud/approvals/request-approval.ts'
import { doorRef } from '../../../cloud/doors/core/door-ref.ts'
import { startHttpGateway } from '../../../simulation/cloud/http-gateway.ts'
import { person } from '../../../simulation/scenes/drawn-faces.ts'
import { snapshots } from '../drawn-snapshots.ts'
import {
  type CloudHome,
  cloudHome,
  doorId,
  linkIn,
  mapleStreet,
  newId,
  snapshotKey,
} from './cloud-home.ts'
import { type SignInDesk, signInDesk } from './sign-in-desk.ts'

type Options = NonNullable<Parameters<typeof cloudHome>[0]>

export interface WebHome {
  readonly cloud: CloudHome
  readonly desk: SignInDesk
  readonly origin: string
  /** Every line that was logged, as one text. */
  readonly logged: () => string
  close(): Promise<void>
}

export async function webHome(options: Options = {}): Promise<WebHome> {
  const lines: string[] = []
  const record = (data: object, text: string) => void lines.push(JSON.stringify({ text, ...data }))
  const [gateway, desk] = await Promise.all([startHttpGateway(), signInDesk()])
  const log = { info: record, warn: record, error: record }
  const cloud = await cloudHome({ log, ...options, webOrigin: gateway.origin, cognito: desk })
  gateway.connect(cloud.backend)
  return {
    ...{ cloud, desk, origin: gateway.origin },
    logged: () => lines.join('\n'),
    async close() {
      await gateway.close()
      await desk.close()
      await cloud.close()
    },
  }
}

export interface Asked {
  readonly visitId: string
  readonly request: string
  readonly token: string
  readonly link: string
  readonly face: string
}

/** Asks the owner about a face. */
export async function ask({ cloud }: WebHome, options: AskOptions = {}): Promise<Asked> {
  const { visitNumber = 583, door = doorId, name = 'robin', deps = cloud.deps } = options
  const { visitId = newId() } = options
  const key = `faces/${door}/${visitId}/face.jpg`
  const face = await cloud.deps.photos.write(key, faceOf(name))
  const { household = '' } = doorRef(door) ?? {}
  const seen = {
    startedAtMs: cloud.clock.nowMs(),
    endedAtMs: null,
    matches: {},
    strangers: [],
    scans: [],
  }
  const visit = { household, doorId: door, visitId, number: visitNumber, ...seen }
  const needed = { kind: 'request-approval', subject: 'stranger-1', face, resembles: null } as const
  const why = options.why ?? 'not-on-file'
  await requestApproval(
    deps,
    { ...visit, grants: {}, timeline: [], corrections: {}, kept: null },
    { ...needed, why },
  )
  return { visitId, face: face.sha256, ...linkFrom(cloud.aws.mailbox.at(-1)?.text ?? '') }
}

interface AskOptions {
  readonly visitId?: string
  readonly visitNumber?: number | null
  readonly door?: string
  readonly name?: string
  readonly why?: ApprovalRequest['why']
  readonly deps?: CloudHome['deps']
}

const drawn = new Map<string, Uint8Array>()
function faceOf(name: string): Uint8Array {
  const jpeg = drawn.get(name) ?? snapshots.front(person(name), 1)
  drawn.set(name, jpeg)
  return jpeg
}

const linkFrom = (text: string) => ({
  ...linkIn(text),
  link: /https?:\/\/\S+/.exec(text)?.[0] ?? '',
})

/** An unknown visitor stands at a door, and its owner gets a mail. */
export async function strangerRings(
  { cloud }: WebHome,
  { name = 'robin', visitNumber = 7, door = doorId, seed = 1 } = {},
): Promise<Asked> {
  const visitId = newId()
  const mails = cloud.aws.mailbox.length
  for (const nth of [0, 1]) {
    const key = snapshotKey(visitId, cloud.clock.nowMs(), door)
    cloud.upload(key, snapshots.front(person(name), seed + nth), visitNumber)
    await cloud.settled()
    cloud.clock.advance(1_000)
  }
  const link = linkFrom(cloud.aws.mailbox.slice(mails).at(-1)?.text ?? '')
  const asked = await requestIn(cloud, link.request)
  return { visitId, face: asked?.face?.sha256 ?? '', ...link }
}

export async function requestIn(
  { deps }: CloudHome,
  request: string,
): Promise<ApprovalRequest | null> {
  const ref = parseRequestId(request)
  return ref && deps.approvalRequests.find(ref)
}

export const oakDoor = 'oak-lane_front'

/** A second household, on the same tables, in the same functions. */
export const oakLane = {
  ...mapleStreet,
  household: 'oak-lane',
  name: 'Oak Lane 9',
  owners: [{ email: 'owner@oak.example', language: 'de' as const }],
  doors: mapleStreet.doors.map((door) => ({ ...door, doorId: oakDoor, name: 'Haustür' })),
}

/** The same with owners who read two languages. */
export const severalOwners = {
  ...oakLane,
  owners: [
    { email: 'a@oak.example', language: 'de' as const },
    { email: 'b@oak.example', language: 'de' as const },
    { email: 'c@oak.example', language: 'fr' as const },
  ],
}
