/**
 * Snapshots on their way to the cloud. Each is written to disk first, so that a short network outage
 * or power cut loses none. Old ones are dropped, because a face at the door matters for minutes.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type {
  AttendedVisit,
  Cancel,
  Clock,
  Log,
  UploadedSnapshot,
  Uploads,
} from '../../daemon/ports.ts'

interface SnapshotQueueDeps {
  readonly doorId: string
  readonly folder: string
  readonly uploads: Uploads
  readonly clock: Clock
  readonly log: Log
  readonly uploaded: (snapshot: UploadedSnapshot) => void
}

interface TakenSnapshot {
  readonly visit: AttendedVisit
  readonly jpeg: Uint8Array
  readonly takenAtMs: number
  readonly widthPx: number
  readonly heightPx: number
}

/** By then the visitor has been helped in another way, or has left. */
const usefulForMs = 15 * 60_000
const mostWaiting = 60
const retryAfterMs = { first: 1_000, longest: 30_000 }

export class SnapshotQueue {
  readonly #deps: SnapshotQueueDeps
  /** File names, oldest first; a name holds all that is known of a snapshot. */
  readonly #waiting: string[]
  /** By file name: the uptime at which it was added, because the time may be set meanwhile. */
  readonly #addedAtMs = new Map<string, number>()
  /** The snapshots that could not be written to disk. */
  readonly #inMemory = new Map<string, Uint8Array>()
  #pauseMs = retryAfterMs.first
  #isSending = false
  #isStopped = false
  #cancelRetry: Cancel = () => {}

  /** Throws when the folder cannot be made or read. */
  constructor(deps: SnapshotQueueDeps) {
    this.#deps = deps
    mkdirSync(deps.folder, { recursive: true, mode: 0o700 })
    this.#waiting = readdirSync(deps.folder)
      .filter((name) => partsOf(name) !== null)
      .sort()
    void this.#sendAll()
  }

  add(snapshot: TakenSnapshot): void {
    const name = nameOf(snapshot)
    try {
      writeFileSync(this.#pathOf(name), snapshot.jpeg, { mode: 0o600 })
    } catch (fault) {
      this.#deps.log.warn({ err: fault }, 'snapshot not written to disk')
      this.#inMemory.set(name, snapshot.jpeg)
    }
    this.#waiting.push(name)
    this.#addedAtMs.set(name, this.#deps.clock.monotonicMs())
    void this.#sendAll()
  }

  stop(): void {
    this.#isStopped = true
    this.#cancelRetry()
  }

  async #sendAll(): Promise<void> {
    if (this.#isSending || this.#isStopped) return
    this.#isSending = true
    this.#cancelRetry()
    try {
      for (let name = this.#next(); name !== null && !this.#isStopped; name = this.#next()) {
        await this.#send(name)
      }
      this.#pauseMs = retryAfterMs.first
    } catch (fault) {
      this.#deps.log.warn({ err: fault }, 'snapshot not uploaded yet')
      this.#cancelRetry = this.#deps.clock.after(this.#pauseMs, () => void this.#sendAll())
      this.#pauseMs = Math.min(this.#pauseMs * 2, retryAfterMs.longest)
    } finally {
      this.#isSending = false
    }
  }

  #next(): string | null {
    while (this.#waiting.length > mostWaiting) this.#drop(this.#waiting[0] ?? '', 'too many wait')
    for (const name of [...this.#waiting]) {
      const ageMs = this.#ageMs(name)
      if (ageMs >= 0 && ageMs <= usefulForMs) return name
      this.#drop(name, 'too old to be useful')
    }
    return null
  }

  #ageMs(name: string): number {
    const { clock } = this.#deps
    const addedAtMs = this.#addedAtMs.get(name)
    if (addedAtMs !== undefined) return clock.monotonicMs() - addedAtMs
    return clock.wallMs() - (partsOf(name)?.takenAtMs ?? 0)
  }

  async #send(name: string): Promise<void> {
    const parts = partsOf(name)
    if (parts === null) return
    const jpeg = this.#inMemory.get(name) ?? fileAt(this.#pathOf(name))
    if (jpeg === null) {
      this.#drop(name, 'it cannot be read')
      return
    }
    const { number, ...about } = parts
    const key = `snapshots/${this.#deps.doorId}/${parts.visitId}/${parts.takenAtMs}.jpg`
    await this.#deps.uploads.put({ key, jpeg, visitNumber: number })
    this.#remove(name)
    const sha256 = createHash('sha256').update(jpeg).digest('hex')
    this.#deps.uploaded({ ...about, key, sha256 })
  }

  #drop(name: string, why: string): void {
    this.#deps.log.warn({ snapshot: name, why }, 'snapshot dropped')
    this.#remove(name)
  }

  #remove(name: string): void {
    const at = this.#waiting.indexOf(name)
    if (at >= 0) this.#waiting.splice(at, 1)
    this.#addedAtMs.delete(name)
    this.#inMemory.delete(name)
    rmSync(this.#pathOf(name), { force: true })
  }

  #pathOf(name: string): string {
    return join(this.#deps.folder, name)
  }
}

function fileAt(path: string): Uint8Array | null {
  try {
    return readFileSync(path)
  } catch {
    return null
  }
}

const nameOf = ({ visit, takenAtMs, widthPx, heightPx }: TakenSnapshot): string =>
  `${String(takenAtMs).padStart(15, '0')}-${visit.visitId}-${visit.number}-${widthPx}x${heightPx}.jpg`

function partsOf(name: string) {
  const found = /^(\d{15})-([0-9a-f]{32})-(\d{1,3})-(\d{1,5})x(\d{1,5})\.jpg$/.exec(name)
  if (!found) return null
  const [, takenAt, visitId = '', number, width, height] = found
  return {
    visitId,
    number: Number(number),
    takenAtMs: Number(takenAt),
    widthPx: Number(width),
    heightPx: Number(height),
  }
}
