/**
 * Pairing: the owner runs a command on the door's computer, which prints a code. A tablet into which
 * the code is typed within ten minutes is paired. The command leaves the hash of the code in a file
 * for the daemon. The code works once.
 */
import { createHash, randomInt, timingSafeEqual } from 'node:crypto'
import { readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod/mini'
import { type Owner, syncFolder, writeDurably } from '../identity/identity-folder.ts'

export const codeValidMs = 10 * 60_000

/** Without letters and digits that are easily taken for others. */
const alphabet = 'ABCDEFGHJKMNPQRSTVWXYZ23456789'
const codeLength = 8

/** 30 ^ 8 codes: the attempts of all peers together find one with a probability of 5e-11. */
const wrongAttempts = { ofPeer: 5, ofAll: 30 } as const

const pendingSchema = z.object({
  name: z.string(),
  codeHash: z.string(),
  untilUptimeMs: z.number(),
})
type Pending = z.infer<typeof pendingSchema>

const pathIn = (folder: string): string => join(folder, 'pairing.json')

/** A clock may be set meanwhile. This one is the same for all programs until the computer restarts. */
export const uptimeMs = (): number => Number(process.hrtime.bigint() / 1_000_000n)

/** For the command. A code before this one ends. */
export function offerPairing(
  folder: string,
  name: string,
  { nowMs, owner }: { readonly nowMs: number; readonly owner: Owner | null },
): string {
  const code = Array.from({ length: codeLength }, () => alphabet[randomInt(alphabet.length)]).join(
    '',
  )
  const pending: Pending = { name, codeHash: hashOf(code), untilUptimeMs: nowMs + codeValidMs }
  const path = pathIn(folder)
  writeDurably(`${path}.new`, `${JSON.stringify(pending)}\n`, owner)
  renameSync(`${path}.new`, path)
  syncFolder(folder)
  return code
}

/** For the daemon. */
export class Pairing {
  readonly #folder: string
  #wrong = { of: '', byPeer: new Map<string, number>(), byAll: 0 }

  constructor(folder: string) {
    this.#folder = folder
    // Uptime of this computer may have begun anew since.
    this.end()
  }

  /** The name that the tablet gets; null for a code that is wrong, too late or tried too often. */
  accept(code: string, peer: string, nowMs: number): string | null {
    const pending = this.#pending(nowMs)
    if (!pending) return null
    const isRight = timingSafeEqual(Buffer.from(hashOf(plain(code))), Buffer.from(pending.codeHash))
    if (!this.#mayTry(pending, peer)) return null
    if (!isRight) {
      this.#countWrong(peer)
      return null
    }
    this.end()
    return pending.name
  }

  end(): void {
    rmSync(pathIn(this.#folder), { force: true })
    syncFolder(this.#folder)
  }

  #pending(nowMs: number): Pending | null {
    const pending = readPending(this.#folder)
    return pending && nowMs < pending.untilUptimeMs ? pending : null
  }

  #mayTry({ codeHash }: Pending, peer: string): boolean {
    if (this.#wrong.of !== codeHash) this.#wrong = { of: codeHash, byPeer: new Map(), byAll: 0 }
    return (this.#wrong.byPeer.get(peer) ?? 0) < wrongAttempts.ofPeer
  }

  #countWrong(peer: string): void {
    const { byPeer } = this.#wrong
    byPeer.set(peer, (byPeer.get(peer) ?? 0) + 1)
    this.#wrong.byAll += 1
    if (this.#wrong.byAll >= wrongAttempts.ofAll) this.end()
  }
}

function readPending(folder: string): Pending | null {
  try {
    return z.parse(pendingSchema, JSON.parse(readFileSync(pathIn(folder), 'utf8')))
  } catch {
    return null
  }
}

/** As it is shown: `K7QM-3XTP`. */
export const grouped = (code: string): string => `${code.slice(0, 4)}-${code.slice(4)}`

const plain = (code: string): string => code.toUpperCase().replace(/[^A-Z0-9]/g, '')

const hashOf = (code: string): string => createHash('sha256').update(code).digest('hex')
