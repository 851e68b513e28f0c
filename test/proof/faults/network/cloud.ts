/**
 * A cloud that plainly wants things: it counts its commands, keeps what they come to in the order of
 * their numbers, and tells a door that asks. What it hears it keeps by id.
 */
import { randomBytes } from 'node:crypto'
import type { CloudBody, Grant, Settings } from '../../../../protocol/messages/cloud.ts'
import { type DoorMessage, parseDoorMessage } from '../../../../protocol/messages/door.ts'
import { protocolVersion } from '../../../../protocol/messages/shared.ts'
import { commandTopic } from '../../../../protocol/topics.ts'
import type { Said } from '../../../contracts/device/cloud-link.ts'

export const newId = (): string => randomBytes(16).toString('hex')

export interface WeatherCloud {
  readonly heard: ReadonlyMap<string, DoorMessage>
  /** How often something came again. */
  duplicates(): number
  /** Other words under an id that was heard before. */
  readonly forged: readonly string[]
  hear(said: Said): void
  grant(validMs: number): string
  revoke(grantId: string): void
  set(settings: Settings): void
  readonly wanted: {
    grants(nowMs: number): readonly string[]
    revision(): number
  }
  stored(grantId: string): boolean
}

export function weatherCloud(doorId: string, say: (said: Said) => void): WeatherCloud {
  const heard = new Map<string, DoorMessage>()
  const texts = new Map<string, string>()
  const forged: string[] = []
  const grants = new Map<string, Grant>()
  const over = new Set<string>()
  const stored = new Set<string>()
  let settings: { revision: number; settings: Settings } | null = null
  let duplicates = 0
  let lastSeq = 0

  function tell(body: CloudBody): void {
    // By the time, as the real cloud numbers them.
    lastSeq = Math.max(lastSeq + 1, Date.now())
    const envelope = { v: protocolVersion, id: newId(), doorId, seq: lastSeq, atMs: Date.now() }
    const text = JSON.stringify({ ...envelope, ...body })
    say({ topic: commandTopic(doorId, body.type), text })
  }

  const wantedGrants = (nowMs: number) =>
    [...grants.values()].filter((one) => !over.has(one.grantId) && one.expiresAtMs > nowMs)

  function take(message: DoorMessage): void {
    if (message.type === 'grant-stored') stored.add(message.grantId)
    if (message.type === 'entry-accepted') over.add(message.grantId)
    if (message.type === 'grant-refused') over.add(message.grantId)
    if (message.type !== 'resync-wanted') return
    const answer = { answers: message.ask, grants: wantedGrants(Date.now()), settings }
    tell({ type: 'state', removedVisitors: [], ...answer })
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
      take(parsed.message)
    },
    grant(validMs) {
      const nowMs = Date.now()
      const grant: Grant = {
        ...{ grantId: newId(), visitId: null, visitorId: newId(), visitorName: 'Kim Lake' },
        ...{ language: 'en', digits: 8, notBeforeMs: nowMs, expiresAtMs: nowMs + validMs },
      }
      grants.set(grant.grantId, grant)
      tell({ type: 'grant', ...grant })
      return grant.grantId
    },
    revoke(grantId) {
      over.add(grantId)
      tell({ type: 'revoke-grant', grantId, reason: 'the owner changed their mind' })
    },
    set(wanted) {
      settings = { revision: (settings?.revision ?? 0) + 1, settings: wanted }
      tell({ type: 'settings', ...settings })
    },
    wanted: {
      grants: (nowMs) => wantedGrants(nowMs).map(({ grantId }) => grantId),
      revision: () => settings?.revision ?? 0,
    },
  }
}
