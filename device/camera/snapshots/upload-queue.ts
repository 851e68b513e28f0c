/**
 * Stills on their way to the cloud. Each is written beside the database first, so that a short cut of
 * the network or the power loses none; one that has become useless is dropped, because a face at the
 * door matters for minutes.
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

export interface SnapshotsOutDeps {
  readonly doorId: string
  readonly folder: string
  readonly uploads: Uploads
  readonly clock: Clock
  readonly log: Log
  readonly uploaded: (snapshot: UploadedSnapshot) => void
}

export interface TakenSnapshot {
  readonly visit: AttendedVisit
  readonly jpeg: Uint8Array
  readonly takenAtMs: number
  readonly widthPx: number
  readonly heightPx: number
}

export interface SnapshotsOut {
  add(snapshot: TakenSnapshot): void
  stop(): void
}

/** By then whoever stood there has been helped in another way, or has left. */
const usefulForMs = 15 * 60_000
const keptAtMost = 60
const retryAfterMs = { first: 1_000, longest: 30_000 }

export function createSnapshotsOut(deps: SnapshotsOutDeps): SnapshotsOut {
  const { folder, uploads, clock, log } = deps
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  /** File names; they sort by time and say all there is to know. */
  const waiting = readdirSync(folder)
    .filter((name) => partsOf(name) !== null)
    .sort()
  /** Of those that a full disk does not take; whoever stands there must be seen all the same. */
  const inMemory = new Map<string, Uint8Array>()
  let pauseMs = retryAfterMs.first
  let sending = false
  let stopped = false
  let cancelRetry: Cancel = () => {}

  function drop(name: string, why: string): void {
    log.warn({ snapshot: name, why }, 'still dropped')
    forget(name)
  }

  function forget(name: string): void {
    const at = waiting.indexOf(name)
    if (at >= 0) waiting.splice(at, 1)
    inMemory.delete(name)
    rmSync(join(folder, name), { force: true })
  }

  function next(): string | null {
    while (waiting.length > keptAtMost) drop(waiting[0] ?? '', 'too many wait')
    for (const name of [...waiting]) {
      const age = clock.wallMs() - (partsOf(name)?.takenAtMs ?? 0)
      if (age >= 0 && age <= usefulForMs) return name
      drop(name, 'too old to be of use')
    }
    return null
  }

  async function send(name: string): Promise<void> {
    const parts = partsOf(name)
    if (parts === null) return
    const jpeg = inMemory.get(name) ?? stillIn(join(folder, name))
    if (jpeg === null) return drop(name, 'it cannot be read')
    const { number, ...about } = parts
    const key = `snapshots/${deps.doorId}/${parts.visitId}/${parts.takenAtMs}.jpg`
    await uploads.put({ key, jpeg, visitNumber: number })
    forget(name)
    deps.uploaded({ ...about, key, sha256: createHash('sha256').update(jpeg).digest('hex') })
  }

  async function sendAll(): Promise<void> {
    if (sending || stopped) return
    sending = true
    cancelRetry()
    try {
      for (let name = next(); name !== null && !stopped; name = next()) await send(name)
      pauseMs = retryAfterMs.first
    } catch (fault) {
      log.warn({ err: fault }, 'still not uploaded yet')
      cancelRetry = clock.after(pauseMs, () => void sendAll())
      pauseMs = Math.min(pauseMs * 2, retryAfterMs.longest)
    } finally {
      sending = false
    }
  }

  void sendAll()
  return {
    add(snapshot) {
      const name = nameOf(snapshot)
      try {
        writeFileSync(join(folder, name), snapshot.jpeg, { mode: 0o600 })
      } catch (fault) {
        log.warn({ err: fault }, 'still kept in memory only')
        inMemory.set(name, snapshot.jpeg)
      }
      waiting.push(name)
      void sendAll()
    },
    stop() {
      stopped = true
      cancelRetry()
    },
  }
}

function stillIn(path: string): Uint8Array | null {
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
