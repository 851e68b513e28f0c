/**
 * A backup as a file: encrypted with a passphrase, so that it may lie anywhere. The format is in
 * docs/backup.md.
 */
import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from 'node:crypto'
import { BackupFault } from './fault.ts'

const magic = Buffer.from('smart-door backup 1\n')
const saltBytes = 16
const checkBytes = 16
const nonceBytes = 12
const lengthBytes = 8
const tagBytes = 16
const keyBytes = 32
const headerBytes = magic.length + saltBytes + checkBytes + nonceBytes + lengthBytes

/** Needs 128 MB for a second, as an attacker does for each guess. */
const cost = { N: 2 ** 17, r: 8, p: 1, maxmem: 256 * 1024 * 1024 }

export const shortestPassphrase = 12

/** `check` tells a wrong passphrase from a damaged file. */
function derive(passphrase: string, salt: Uint8Array) {
  const derived = scryptSync(passphrase.normalize('NFC'), salt, keyBytes + checkBytes, cost)
  return { key: derived.subarray(0, keyBytes), check: derived.subarray(keyBytes) }
}

export function seal(content: Uint8Array, passphrase: string): Buffer {
  const [salt, nonce] = [randomBytes(saltBytes), randomBytes(nonceBytes)]
  const { key, check } = derive(passphrase, salt)
  const length = Buffer.alloc(lengthBytes)
  length.writeBigUInt64BE(BigInt(content.length))
  const header = Buffer.concat([magic, salt, check, nonce, length])
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes })
  cipher.setAAD(header)
  return Buffer.concat([header, cipher.update(content), cipher.final(), cipher.getAuthTag()])
}

export function unseal(file: Buffer, passphrase: string): Buffer {
  checkForm(file)
  const part = (from: number, bytes: number) => file.subarray(from, from + bytes)
  const salt = part(magic.length, saltBytes)
  const { key, check } = derive(passphrase, salt)
  if (!part(magic.length + saltBytes, checkBytes).equals(check)) {
    throw new BackupFault('The passphrase is not the one of this backup. Nothing was changed.')
  }
  const nonce = part(magic.length + saltBytes + checkBytes, nonceBytes)
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes })
  decipher.setAAD(file.subarray(0, headerBytes))
  decipher.setAuthTag(file.subarray(-tagBytes))
  const content = decipher.update(file.subarray(headerBytes, -tagBytes))
  try {
    return Buffer.concat([content, decipher.final()])
  } catch {
    throw new BackupFault(
      'The backup was changed after it was made, or its disk is damaged. Nothing was changed here. Use another backup.',
    )
  }
}

function checkForm(file: Buffer): void {
  if (!file.subarray(0, magic.length).equals(magic.subarray(0, file.length)) || file.length === 0) {
    throw new BackupFault('This file is not a backup of a smart-door. Nothing was changed.')
  }
  const cutOff = new BackupFault(
    'The backup is cut off: its end is missing. Nothing was changed. Copy it again, or use another one.',
  )
  if (file.length < headerBytes) throw cutOff
  const length = Number(file.readBigUInt64BE(headerBytes - lengthBytes))
  if (file.length < headerBytes + length + tagBytes) throw cutOff
}
