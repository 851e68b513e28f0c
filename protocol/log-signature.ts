/**
 * The door's signatures under its log: under its head, so that rows cannot be replaced together with
 * their hashes, and under its start, behind which old rows were deleted. docs/log.md has the format.
 *
 * The key follows from the door's key: every door has one, with or without a cloud.
 */
import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto'
import type { DoorKey } from './passcode.ts'

/** A head must not pass for a start: then all rows before it could be deleted. */
type Place = 'head' | 'start'

interface LogPlace {
  readonly seq: number
  readonly hash: string
}
export interface SignedPlace extends LogPlace {
  /** Base64; empty: not signed. */
  readonly signature: string
}

export interface LogSigner {
  /** Base64 of the public key's DER. */
  readonly publicKey: string
  sign(place: Place, at: LogPlace): SignedPlace
  isOwn(place: Place, signed: SignedPlace): boolean
}

/** What DER has in front of the 32 bytes of an Ed25519 private key: RFC 8410. */
const privateKeyPrefix = Buffer.from('302e020100300506032b657004220420', 'hex')

export function logSigner(doorId: string, doorKey: DoorKey): LogSigner {
  const seed = createHmac('sha256', doorKey).update('log signature').digest()
  const der = Buffer.concat([privateKeyPrefix, seed])
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  const publicKey = createPublicKey(key)
  return {
    publicKey: publicKey.export({ format: 'der', type: 'spki' }).toString('base64'),
    sign: (place, { seq, hash }) => {
      const statement = statementOf(place, doorId, { seq, hash })
      return { seq, hash, signature: sign(null, statement, key).toString('base64') }
    },
    isOwn: (place, signed) => isSignedBy(publicKey, place, doorId, signed),
  }
}

function isSignedBy(key: KeyObject, place: Place, doorId: string, signed: SignedPlace): boolean {
  return verify(
    null,
    statementOf(place, doorId, signed),
    key,
    Buffer.from(signed.signature, 'base64'),
  )
}

const statementOf = (place: Place, doorId: string, { seq, hash }: LogPlace): Buffer =>
  Buffer.from(`smart-door log ${place} ${doorId} ${seq} ${hash}`)
