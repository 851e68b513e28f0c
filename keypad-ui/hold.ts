/**
 * Keys that count once they were held for a moment, for people with tremor: a touch in passing, or
 * with another finger, does nothing, and a finger that trembles off the key for an instant presses it
 * once.
 */
const holdMs = 500
/** A press of the same key that begins so soon after the last is still that one. */
const tremorMs = 300

export interface HeldKeys {
  /** Whether it was taken: the key then counts later, or never. */
  down(key: HTMLElement, event: PointerEvent, press: () => void): void
}

export function heldKeys(): HeldKeys {
  let held: { readonly key: HTMLElement; readonly timer: ReturnType<typeof setTimeout> } | null =
    null
  let last: { readonly key: HTMLElement; readonly releasedMs: number } | null = null

  function release(key: HTMLElement): void {
    if (held?.key !== key) return
    clearTimeout(held.timer)
    if (key.dataset['hold'] === 'counted') last = { key, releasedMs: performance.now() }
    held = null
    delete key.dataset['hold']
  }

  return {
    down(key, { pointerId }, press) {
      if (held !== null) return
      const isSamePress = last?.key === key && performance.now() < last.releasedMs + tremorMs
      // Only the moment of lifting counts, not where the finger trembles meanwhile.
      key.setPointerCapture(pointerId)
      key.addEventListener('lostpointercapture', () => release(key), { once: true })
      key.dataset['hold'] = isSamePress ? 'counted' : 'holding'
      const count = () => {
        key.dataset['hold'] = 'counted'
        press()
      }
      held = { key, timer: setTimeout(isSamePress ? () => {} : count, holdMs) }
    },
  }
}
