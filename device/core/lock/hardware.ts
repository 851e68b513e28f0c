/** What can be said about pins, lights and sounds without touching any of them. */

export interface WiredPin {
  readonly name: string
  readonly bcm: number
}

/** A line that two things are wired to is wrong for at least one of them. */
export function sharedPins(pins: readonly WiredPin[]): readonly (readonly [WiredPin, WiredPin])[] {
  return pins.flatMap((pin, at) => {
    const earlier = pins.slice(0, at).find(({ bcm }) => bcm === pin.bcm)
    return earlier ? [[earlier, pin] as const] : []
  })
}

/** Until the daemon has started, and while it is down, only the Pi's own resistors hold a pin. */
const pulledUpAtPowerOn = (bcm: number): boolean => bcm <= 8

/** Whether a relay stays off in the seconds between power and the first program. */
export const restsOff = (bcm: number, activeLow: boolean): boolean =>
  pulledUpAtPowerOn(bcm) === activeLow

/** What a Pi itself does with some of its pins, unless it was told not to. */
const usualDuties: Readonly<Record<number, string>> = {
  0: 'what is plugged onto the header',
  1: 'what is plugged onto the header',
  2: 'a clock with a battery',
  3: 'a clock with a battery',
  14: 'the serial console',
  15: 'the serial console',
}

export const usualDuty = (bcm: number): string | null => usualDuties[bcm] ?? null

/** Lines for the Pi's config.txt, without which a pin floats until the daemon asks for it. */
export const bootLine = {
  output: (bcm: number, activeLow: boolean) => `gpio=${bcm}=op,${activeLow ? 'dh' : 'dl'}`,
  input: (bcm: number, pull: 'up' | 'down' | 'none') =>
    `gpio=${bcm}=ip,${{ up: 'pu', down: 'pd', none: 'np' }[pull]}`,
}

// ---------------------------------------------------------------- light and sound

/** Minutes since midnight, here at the door. Over midnight it is the other way round. */
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

/** What a keypad's light and buzzer are about. */
export interface Shown {
  readonly lock: 'locked' | 'unlocked'
  readonly keypad: 'ready' | 'paused' | 'clock-unknown' | 'shut'
}

export type Light = 'on' | 'off' | 'blinking'

export const lightFor = ({ lock, keypad }: Shown): Light =>
  lock === 'unlocked' ? 'on' : keypad === 'paused' ? 'blinking' : 'off'

/** One beep says come in, three say that the keypad pauses; the rest of the time it is silent. */
export function beepsFor(before: Shown | null, now: Shown): number {
  if (before === null) return 0
  if (now.lock === 'unlocked' && before.lock === 'locked') return 1
  return now.keypad === 'paused' && before.keypad !== 'paused' ? 3 : 0
}
