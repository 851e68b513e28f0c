/** Rules about pins, lights and sounds. */

export interface WiredPin {
  readonly name: string
  readonly bcm: number
}

/** Two things on one gpio line: at least one is configured wrongly. */
export function sharedPins(pins: readonly WiredPin[]): readonly (readonly [WiredPin, WiredPin])[] {
  return pins.flatMap((pin, at) => {
    const earlier = pins.slice(0, at).find(({ bcm }) => bcm === pin.bcm)
    return earlier ? [[earlier, pin] as const] : []
  })
}

/** While no program drives a pin, the Pi's own resistors hold it. */
const pulledUpAtPowerOn = (bcm: number): boolean => bcm <= 8

/** Whether a relay stays off between power-on and the first program. */
export const restsOff = (bcm: number, activeLow: boolean): boolean =>
  pulledUpAtPowerOn(bcm) === activeLow

/** Whether the Pi's own resistor would give an open input the wrong level. */
export const needsPull = (bcm: number, pull: 'up' | 'down' | 'none'): boolean =>
  pull !== 'none' && pulledUpAtPowerOn(bcm) !== (pull === 'up')

/** What a Pi itself uses some of its pins for by default. */
const usualDuties: Readonly<Record<number, string>> = {
  0: 'what is plugged onto the header',
  1: 'what is plugged onto the header',
  2: 'a clock with a battery',
  3: 'a clock with a battery',
  14: 'the serial console',
  15: 'the serial console',
}

export const usualDuty = (bcm: number): string | null => usualDuties[bcm] ?? null

/** Lines for the Pi's config.txt; without them a pin floats until the daemon drives it. */
export const bootLine = {
  output: (bcm: number, activeLow: boolean) => `gpio=${bcm}=op,${activeLow ? 'dh' : 'dl'}`,
  input: (bcm: number, pull: 'up' | 'down' | 'none') =>
    `gpio=${bcm}=ip,${{ up: 'pu', down: 'pd', none: 'np' }[pull]}`,
}

// ---------------------------------------------------------------- light and sound

/** In minutes since midnight, local time. `toMinute` is the smaller one if midnight is between. */
export interface QuietTime {
  readonly fromMinute: number
  readonly toMinute: number
}

export function isQuiet({ fromMinute, toMinute }: QuietTime, minute: number): boolean {
  return fromMinute <= toMinute
    ? minute >= fromMinute && minute < toMinute
    : minute >= fromMinute || minute < toMinute
}

/** As in `22:30`. */
export function minuteOfDay(text: string): number {
  const [hours, minutes] = text.split(':').map(Number)
  return (hours ?? 0) * 60 + (minutes ?? 0)
}

/** What a keypad's light and buzzer show. */
export interface Shown {
  readonly lock: 'locked' | 'unlocked'
  readonly keypad: 'ready' | 'paused' | 'clock-unknown' | 'private' | 'shut' | 'out-of-order'
}

export type Light = 'on' | 'off' | 'blinking'

export const lightFor = ({ lock, keypad }: Shown): Light =>
  lock === 'unlocked' ? 'on' : keypad === 'paused' ? 'blinking' : 'off'

/** One beep: the lock opened. Three: the keypad paused. */
export function beepsFor(before: Shown | null, now: Shown): number {
  if (before === null) return 0
  if (now.lock === 'unlocked' && before.lock === 'locked') return 1
  return now.keypad === 'paused' && before.keypad !== 'paused' ? 3 : 0
}
