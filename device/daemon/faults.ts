/**
 * The door's present faults, for its log and for monitoring. A lasting fault is logged once: repeated
 * entries would fill the disk, which may be the cause.
 */
import type { Log } from './ports.ts'

export const sentences = {
  writing: 'The door cannot write to its disk, so it accepts no codes.',
  reading: "Part of the door's database cannot be read: put a backup in its place.",
  sending: 'The door cannot read its log, so the cloud does not hear what happens here.',
  lock: 'The lock does not answer. Check its wiring and power supply.',
  camera: 'The camera shows nothing that could be used. Check its cable, its lens and the light.',
}

/** Reported by the lock itself. */
export const notHolding =
  'The lock should hold and says that it does not. Is something in its way, or its power off?'

const titles: Record<FaultyPart, string> = {
  writing: 'store fault',
  reading: 'store fault',
  sending: 'store fault',
  lock: 'lock fault',
  camera: 'camera fault',
}

type FaultyPart = keyof typeof sentences

export type Faults = ReturnType<typeof createFaults>

export function createFaults(log: Log) {
  const standing = new Map<FaultyPart, string>()
  return {
    /** True if the fault is new. */
    report(part: FaultyPart, error: unknown): boolean {
      const isNew = standing.get(part) !== String(error)
      standing.set(part, String(error))
      if (isNew) log.error({ part, err: error }, titles[part])
      return isNew
    },
    clear: (part: FaultyPart) => void standing.delete(part),
    stands: (part: FaultyPart) => standing.has(part),
    sentences: () => [...standing.keys()].map((part) => sentences[part]),
  }
}
