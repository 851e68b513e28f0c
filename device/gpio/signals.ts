/** The light and the buzzer beside the keypad: they follow the keypad's page. */
import { beepsFor, isQuiet, lightFor, type QuietTime, type Shown } from '../core/lock/hardware.ts'
import type { Cancel, Clock } from '../daemon/ports.ts'
import type { OutputLine } from './pins.ts'

interface SignalsDeps {
  readonly light: OutputLine | null
  readonly buzzer: OutputLine | null
  readonly quiet: QuietTime
  readonly clock: Clock
}

const beepMs = 120
const blinkMs = 500
/** Longer than a door stays unlocked. A light that stays on does no harm. */
const maxLightMs = 600_000

export function createSignals({ light, buzzer, quiet, clock }: SignalsDeps) {
  let shown: Shown | null = null
  let cancelBlink: Cancel = () => {}
  let cancelBeep: Cancel = () => {}

  function blink(on: boolean): void {
    switchLine(light, on, maxLightMs)
    cancelBlink = clock.after(blinkMs, () => blink(!on))
  }

  function beep(times: number): void {
    if (times === 0) return
    switchLine(buzzer, true, 2 * beepMs)
    cancelBeep = clock.after(beepMs, () => {
      switchLine(buzzer, false, 0)
      cancelBeep = clock.after(beepMs, () => beep(times - 1))
    })
  }

  return {
    show(now: Shown): void {
      const wanted = lightFor(now)
      if (shown === null || wanted !== lightFor(shown)) {
        cancelBlink()
        if (wanted === 'blinking') blink(true)
        else switchLine(light, wanted === 'on', maxLightMs)
      }
      const beeps = beepsFor(shown, now)
      shown = now
      if (beeps === 0 || isQuiet(quiet, localMinute(clock.wallMs()))) return
      cancelBeep()
      beep(beeps)
    },
    stop(): void {
      cancelBlink()
      cancelBeep()
    },
  }
}

/** A broken light must not stop the door, so it is ignored. */
function switchLine(line: OutputLine | null, on: boolean, maxMs: number): void {
  if (!line?.ready()) return
  if (on) void line.on(maxMs)?.catch(() => {})
  else line.off()
}

function localMinute(wallMs: number): number {
  const now = new Date(wallMs)
  return now.getHours() * 60 + now.getMinutes()
}
