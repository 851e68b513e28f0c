/**
 * What a browser gets for a scan: it may ring once. It is made with the door's key, so that nothing
 * is stored for those who only look.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { isCurrent, isProof, type PresenceProof, parsePresence } from '../../protocol/presence.ts'
import { doorRef } from '../doors/core/door-ref.ts'
import { doorOf } from '../members/core/household.ts'
import type { Uses } from '../ports.ts'

type Deps = Uses<'household' | 'secrets'>

export interface Ticket {
  readonly proof: PresenceProof
  readonly scannedAtMs: number
  /** 256 random bits. */
  readonly secret: string
}

/** In which a person types their name. */
const ringWithinMs = 5 * 60_000

export const mayRing = ({ scannedAtMs }: Ticket, nowMs: number): boolean =>
  nowMs - scannedAtMs < ringWithinMs

/** Null unless the keypad of a known door shows this code now, or did a moment ago. */
export async function newTicket(deps: Deps, scanned: string): Promise<string | null> {
  const proof = parsePresence(scanned)
  const nowMs = deps.clock.nowMs()
  if (!proof || !isCurrent(proof, nowMs)) return null
  const key = await keyOf(deps, proof.doorId)
  if (!key || !isProof(key, proof)) return null
  const secret = Buffer.from(deps.newId() + deps.newId(), 'hex').toString('base64url')
  const text = [scanned, nowMs.toString(36), secret].join('.')
  return `${text}.${macOf(key, text).toString('base64url')}`
}

const form = /^(.{1,160})\.([0-9a-z]{1,12})\.([\w-]{43})\.([\w-]{43})$/

/** Null for what this deployment did not make. */
export async function readTicket(deps: Deps, text: string): Promise<Ticket | null> {
  const [, scanned = '', scannedAt = '', secret = '', mac = ''] = form.exec(text) ?? []
  const proof = parsePresence(scanned)
  const key = proof && (await keyOf(deps, proof.doorId))
  if (!key) return null
  const ours = macOf(key, text.slice(0, text.lastIndexOf('.')))
  const theirs = Buffer.from(mac, 'base64url')
  if (ours.length !== theirs.length || !timingSafeEqual(ours, theirs)) return null
  return { proof, scannedAtMs: Number.parseInt(scannedAt, 36), secret }
}

const macOf = (key: Uint8Array, text: string): Buffer =>
  createHmac('sha256', key).update(`ticket ${text}`).digest()

/** Null for a door that no household has. */
async function keyOf(deps: Deps, doorId: string): Promise<Uint8Array | null> {
  const door = doorRef(doorId)
  const home = door && (await deps.household(door.household))
  return home && doorOf(home, doorId) ? deps.secrets.doorKey(doorId) : null
}
