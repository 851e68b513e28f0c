import { describe, expect, test } from 'vitest'
import type { Shown } from '../../../device/core/lock/hardware.ts'
import type { OutputLine } from '../../../device/gpio/pins.ts'
import { createSignals } from '../../../device/gpio/signals.ts'
import { manualClock } from '../../support/manual-clock.ts'

const locked: Shown = { lock: 'locked', keypad: 'ready' }
const open: Shown = { lock: 'unlocked', keypad: 'ready' }
const paused: Shown = { lock: 'locked', keypad: 'paused' }
const never = { fromMinute: 0, toMinute: 0 }
const allDay = { fromMinute: 0, toMinute: 24 * 60 }

/** Records what a light or a buzzer is ordered. */
function output(isThere = true) {
  const orders: string[] = []
  const line: OutputLine = {
    on: () => void orders.push('on'),
    off: () => void orders.push('off'),
    ready: () => isThere,
    close: () => Promise.resolve(),
  }
  return { line, orders }
}

function signals(quiet = never, isThere = true) {
  const clock = manualClock()
  const [light, buzzer] = [output(isThere), output(isThere)]
  const created = createSignals({ light: light.line, buzzer: buzzer.line, quiet, clock })
  return { ...created, clock, light: light.orders, buzzer: buzzer.orders }
}

describe('the light and the buzzer', () => {
  test('signal an unlocked door once', () => {
    const { show, clock, light, buzzer } = signals()
    show(locked)
    show(open)
    show(open)
    clock.advance(5_000)
    show(locked)
    clock.advance(5_000)
    expect(light).toEqual(['off', 'on', 'off'])
    expect(buzzer).toEqual(['on', 'off'])
  })

  test('signal a pause with three beeps, and blink until it is over', () => {
    const { show, clock, light, buzzer } = signals()
    show(locked)
    show(paused)
    clock.advance(1_600)
    show(locked)
    clock.advance(5_000)
    expect(buzzer).toEqual(['on', 'off', 'on', 'off', 'on', 'off'])
    expect(light).toEqual(['off', 'on', 'off', 'on', 'off', 'off'])
  })

  test('are silent in quiet hours, but lit', () => {
    const { show, light, buzzer } = signals(allDay)
    show(locked)
    show(open)
    expect([light, buzzer]).toEqual([['off', 'on'], []])
  })

  test('may be missing or broken', () => {
    const { show, light, stop, clock } = signals(never, false)
    show(locked)
    show(paused)
    expect(light).toEqual([])
    stop()
    expect(clock.pending()).toBe(0)
    createSignals({ light: null, buzzer: null, quiet: never, clock }).show(open)
  })
})
