/**
 * A cloud with the state that its commands add up to, which it sends to a door that asks. It stores
 * what it receives by message id.
 */
import { randomBytes } from 'node:crypto'
import {
  type CloudBody,
  type OneTimeCode,
  oneTimeCredential,
  type Settings,
} from '../../../../protocol/messages/cloud.ts'
import { type DoorMessage, parseDoorMessage } from '../../../../protocol/messages/door.ts'
import { protocolVersion } from '../../../../protocol/messages/shared.ts'
import { commandTopic } from '../../../../protocol/topics.ts'
import type { Said } from '../../../contracts/device/cloud-link.ts'

const newId = (): string => randomBytes(16).toString('hex')

export interface RecordingCloud {
  readonly heard: ReadonlyMap<string, DoorMessage>
  /** How many messages arrived again. */
  duplicates(): number
  /** Messages with the id of an earlier one and another text. */
  readonly forged: readonly string[]
  hear(said: Said): void
  grant(validMs: number): string
  revoke(grantId: string): void
  set(settings: Settings): void
  /** What the door should have. */
  readonly expected: {
    grants(nowMs: number): readonly string[]
    revision(): number
  }
  stored(grantId: string): boolean
}

export function recordingCloud(doorId: string, say: (said: Said) => void): RecordingCloud {
  const heard = new Map<string, DoorMessage>()
  const texts = new Map<string, string>()
  const forged: string[] = []
  const grants = new Map<string, OneTimeCode>()
  const over = new Set<string>()
  const stored = new Set<string>()
  let settings: { revision: number; settings: Settings } | null = null
  let duplicates = 0
  let lastSeq = 0

  function send(body: CloudBody): void {
    // Numbered by time, as the real cloud does.
    lastSeq = Math.max(lastSeq + 1, Date.now())
    const envelope = { v: protocolVersion, id: newId(), doorId, seq: lastSeq, atMs: Date.now() }
    const text = JSON.stringify({ ...envelope, ...body })
    say({ topic: commandTopic(doorId, body.type), text })
  }

  const expectedGrants = (nowMs: number) =>
    [...grants.values()].filter((one) => !over.has(one.grantId) && one.expiresAtMs > nowMs)

  function apply(message: DoorMessage): void {
    if (message.type === 'grant-stored') stored.add(message.grantId)
    if (message.type === 'entry-accepted') over.add(message.grantId)
    if (message.type === 'grant-refused') over.add(message.grantId)
    if (message.type !== 'resync-wanted') return
    const credentials = expectedGrants(Date.now()).map(oneTimeCredential)
    const answer = { answers: message.ask, credentials, settings }
    send({ type: 'state', removedVisitors: [], ...answer })
  }

  return {
    heard,
    forged,
    duplicates: () => duplicates,
    stored: (grantId) => stored.has(grantId),
    hear({ text }) {
      const parsed = parseDoorMessage(text)
      if (!parsed.ok) return void forged.push(`${parsed.reason}: ${text.slice(0, 80)}`)
      const { id } = parsed.message
      const before = texts.get(id)
      if (before !== undefined && before !== text) forged.push(`${id} has changed`)
      if (before !== undefined) {
        duplicates += 1
        return
      }
      texts.set(id, text)
      heard.set(id, parsed.message)
      apply(parsed.message)
    },
    grant(validMs) {
      const nowMs = Date.now()
      const grant: OneTimeCode = {
        ...{ grantId: newId(), visitId: null, visitorId: newId(), visitorName: 'Kim Lake' },
        ...{ language: 'en', digits: 8, notBeforeMs: nowMs, expiresAtMs: nowMs + validMs },
      }
      grants.set(grant.grantId, grant)
      send({ type: 'grant', credential: oneTimeCredential(grant) })
      return grant.grantId
    },
    revoke(grantId) {
      over.add(grantId)
      send({ type: 'revoke-grant', grantId, reason: 'the owner changed their mind' })
    },
    set(changed) {
      settings = { revision: (settings?.revision ?? 0) + 1, settings: changed }
      send({ type: 'settings', ...settings })
    },
    expected: {
      grants: (nowMs) => expectedGrants(nowMs).map(({ grantId }) => grantId),
      revision: () => settings?.revision ?? 0,
    },
  }
}
