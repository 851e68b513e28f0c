/** Sends the state of the keypad to its watchers when an event, or time, changed it. */
import type { KeypadState } from '../../../protocol/keypad-api.ts'
import type { CommittedEvent } from '../committed-events.ts'
import type { Cancel, Clock } from '../ports.ts'

interface Deps {
  readonly state: () => KeypadState
  /** Until the QR code changes. */
  readonly scanLeftMs: () => number
  readonly clock: Pick<Clock, 'after'>
}

export function createKeypadWatchers({ state, scanLeftMs, clock }: Deps) {
  const watchers = new Set<(state: KeypadState) => void>()
  let shown = ''
  let pausedUntil: number | null = null
  let cancelTurn: Cancel = () => {}

  function update(): void {
    // The remaining pause changes constantly, and the page counts it down by itself.
    const { pausedForMs: _, ...lasting } = state()
    cancelTurn()
    // Again with each event, because an event may set the time.
    cancelTurn = lasting.scan === null ? () => {} : clock.after(scanLeftMs(), update)
    const now = JSON.stringify([lasting, pausedUntil])
    if (now === shown) return
    shown = now
    for (const watcher of watchers) watcher(state())
  }

  return {
    onCommitted(event: CommittedEvent): void {
      pausedUntil = event.state.lockout.pausedUntilUptimeMs
      update()
    },
    watch(watcher: (state: KeypadState) => void): () => void {
      watchers.add(watcher)
      return () => watchers.delete(watcher)
    },
    stop: () => cancelTurn(),
  }
}
