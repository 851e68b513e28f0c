/**
 * Codes of an authenticator app (RFC 6238, with SHA-1 and 6 digits, which every app knows). The secret
 * follows from the door's key, so neither side has to keep it.
 */
import { createHmac } from 'node:crypto'
import type { DoorKey } from './passcode.ts'

export const totpDigits = 6
export const totpPeriodMs = 30_000

export const totpSecret = (doorKey: DoorKey, grantId: string): Buffer =>
  createHmac('sha256', doorKey).update(`totp ${grantId}`).digest().subarray(0, 20)

export function totpCode(secret: Uint8Array, period: number): string {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(period))
  const digest = createHmac('sha1', secret).update(counter).digest()
  const number = digest.readUInt32BE((digest.at(-1) ?? 0) & 0xf) & 0x7fffffff
  return String(number % 10 ** totpDigits).padStart(totpDigits, '0')
}

/** The period that a code is from: this one, or one before or after, as clocks differ. */
export function totpPeriodOf(secret: Uint8Array, code: string, nowMs: number): number | null {
  const now = Math.floor(nowMs / totpPeriodMs)
  return [now, now - 1, now + 1].find((period) => totpCode(secret, period) === code) ?? null
}
