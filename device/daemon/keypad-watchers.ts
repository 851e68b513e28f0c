/** Sends the keypad view to its watchers when an event changed it. */
import type { KeypadState } from '../../protocol/keypad-api.ts'
import type { CommittedEvent } from './committed-events.ts'

export function createKeypadWatchers(view: () => KeypadState) {
  const watchers = new Set<(view: KeypadState) => void>()
  let shown = ''
  return {
    onCommitted({ state }: CommittedEvent): void {
      // The remaining pause changes constantly, and the page counts it down by itself.
      const { pausedForMs: _, ...lasting } = view()
      const now = JSON.stringify([lasting, state.lockout.pausedUntilUptimeMs])
      if (now === shown) return
      shown = now
      for (const watcher of watchers) watcher(view())
    },
    watch(watcher: (view: KeypadState) => void): () => void {
      watchers.add(watcher)
      return () => watchers.delete(watcher)
    },
  }
}
