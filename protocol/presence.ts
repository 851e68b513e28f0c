/**
 * Proof of presence: what the QR code on a keypad says. A phone that has it stood before the screen
 * a moment ago. The door makes it with its key, and the cloud checks it with its copy of the key.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { DoorKey } from './passcode.ts'

/** After so long the keypad shows another code. */
export const presenceWindowMs = 30_000

/** A code is good while it is shown, and for a phone that takes as long again to open the page. */
const goodForMs = 2 * presenceWindowMs

/** How far the door's clock may be ahead of the cloud's. */
const aheadMs = 5_000

/** 128 bits: a guess is hopeless, and the QR code stays coarse enough for old cameras. */
const macBytes = 16

export interface Presence {
  readonly doorId: string
  readonly visitId: string
  readonly visitNumber: number
  /** Counts the windows since 1970. */
  readonly window: number
}

export interface PresenceProof extends Presence {
  readonly mac: string
}

export const presenceWindow = (nowMs: number): number => Math.floor(nowMs / presenceWindowMs)

/** Whether it is shown now, or was a moment ago. */
export function isCurrent({ window }: Presence, nowMs: number): boolean {
  const ageMs = nowMs - window * presenceWindowMs
  return ageMs >= -aheadMs && ageMs < goodForMs
}

/** `door.visit.number.window.mac`, of characters that an address may have as they are. */
export function presenceProof(doorKey: DoorKey, presence: Presence): string {
  const { doorId, visitId, visitNumber, window } = presence
  const visit = Buffer.from(visitId, 'hex').toString('base64url')
  const mac = macOf(doorKey, presence).toString('base64url')
  return [doorId, visit, visitNumber, window.toString(36), mac].join('.')
}

const proofForm =
  /^([\w-]{1,64})\.([\w-]{22})\.([1-9]\d{0,2})\.([1-9a-z][0-9a-z]{0,7})\.([\w-]{22})$/

/** Null for a text that no door makes. Whether a door made it, only `isProof` knows. */
export function parsePresence(text: string): PresenceProof | null {
  const [, doorId, visit = '', number, window = '', mac] = proofForm.exec(text) ?? []
  if (doorId === undefined || mac === undefined) return null
  return {
    doorId,
    visitId: Buffer.from(visit, 'base64url').toString('hex'),
    visitNumber: Number(number),
    window: Number.parseInt(window, 36),
    mac,
  }
}

export function isProof(doorKey: DoorKey, proof: PresenceProof): boolean {
  const [ours, theirs] = [macOf(doorKey, proof), Buffer.from(proof.mac, 'base64url')]
  return ours.length === theirs.length && timingSafeEqual(ours, theirs)
}

/** The word in front keeps it apart from everything else that is made with the key. */
const macOf = (doorKey: DoorKey, { doorId, visitId, visitNumber, window }: Presence): Buffer =>
  createHmac('sha256', doorKey)
    .update(`presence ${doorId} ${visitId} ${visitNumber} ${window}`)
    .digest()
    .subarray(0, macBytes)
