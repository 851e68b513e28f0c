import { describe, expect, test } from 'vitest'
import {
  beepsFor,
  bootLine,
  isQuiet,
  lightFor,
  minuteOfDay,
  restsOff,
  type Shown,
  sharedPins,
} from '../../../../device/core/lock/hardware.ts'

describe('pins', () => {
  test.each([
    ['nothing is shared', [4, 17, 22], []],
    ['two are', [4, 17, 4], [['a', 'c']]],
    [
      'three are, each told once',
      [4, 4, 4],
      [
        ['a', 'b'],
        ['a', 'c'],
      ],
    ],
  ])('%s', (_, numbers, expected) => {
    const pins = numbers.map((bcm, at) => ({ name: 'abc'.charAt(at), bcm }))
    expect(sharedPins(pins).map((pair) => pair.map(({ name }) => name))).toEqual(expected)
  })

  test.each([
    [17, false, true],
    [17, true, false],
    [4, true, true],
    [4, false, false],
    [8, true, true],
    [9, false, true],
  ])('BCM %i with active low %s rests switched off: %s', (bcm, activeLow, off) => {
    expect(restsOff(bcm, activeLow)).toBe(off)
  })

  test('are set by the firmware with lines such as these', () => {
    expect(bootLine.output(17, false)).toBe('gpio=17=op,dl')
    expect(bootLine.output(4, true)).toBe('gpio=4=op,dh')
    expect(bootLine.input(22, 'up')).toBe('gpio=22=ip,pu')
  })
})

describe('quiet hours', () => {
  const quiet = (from: string, to: string, now: string) =>
    isQuiet({ fromMinute: minuteOfDay(from), toMinute: minuteOfDay(to) }, minuteOfDay(now))

  test.each([
    ['22:00', '07:00', '23:59', true],
    ['22:00', '07:00', '00:00', true],
    ['22:00', '07:00', '06:59', true],
    ['22:00', '07:00', '07:00', false],
    ['22:00', '07:00', '21:59', false],
    ['13:00', '15:00', '13:00', true],
    ['13:00', '15:00', '15:00', false],
    ['00:00', '00:00', '00:00', false],
  ])('from %s to %s, at %s: %s', (from, to, now, expected) => {
    expect(quiet(from, to, now)).toBe(expected)
  })
})

describe('light and sound', () => {
  const locked: Shown = { lock: 'locked', keypad: 'ready' }
  const open: Shown = { lock: 'unlocked', keypad: 'ready' }
  const paused: Shown = { lock: 'locked', keypad: 'paused' }

  test('the light says whether somebody may come in', () => {
    expect([locked, open, paused].map(lightFor)).toEqual(['off', 'on', 'blinking'])
    // Let out by the exit button while the keypad pauses: the way is free all the same.
    expect(lightFor({ lock: 'unlocked', keypad: 'paused' })).toBe('on')
  })

  test.each([
    ['at the start, whatever it shows', null, open, 0],
    ['when it opens', locked, open, 1],
    ['when it stays open', open, open, 0],
    ['when it closes', open, locked, 0],
    ['when the keypad pauses', locked, paused, 3],
    ['while it pauses', paused, paused, 0],
  ])('beeps %s', (_, before, now, times) => {
    expect(beepsFor(before, now)).toBe(times)
  })
})
