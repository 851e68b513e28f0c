/** What doors declared when they last connected, read at most once a minute by each function. */
import type { Clock, Introductions } from '../ports.ts'

const cachedForMs = 60_000

export function cachedIntroductions({ find, put }: Introductions, clock: Clock): Introductions {
  const cache = new Map<string, { untilMs: number; it: Awaited<ReturnType<typeof find>> }>()
  return {
    async find(door) {
      const known = cache.get(door.doorId)
      if (known && known.untilMs > clock.nowMs()) return known.it
      const it = await find(door)
      // A door that has declared nothing yet may do so at any time.
      if (it) cache.set(door.doorId, { untilMs: clock.nowMs() + cachedForMs, it })
      return it
    },
    async put(door, introduction) {
      await put(door, introduction)
      cache.delete(door.doorId)
    },
  }
}
