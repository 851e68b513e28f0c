/**
 * Who stands in front of the camera, and what it sees: drawn people, from the front, turned away, in
 * bad light or blurred, so that recognition has something to decide.
 */
import type { Cancel } from '../../device/daemon/ports.ts'
import type { SteerableClock } from '../home/steerable-clock.ts'
import { drawSnapshot, type Person, person } from './drawn-faces.ts'

export interface Picture {
  readonly jpeg: Uint8Array
  readonly takenAtMs: number
}

export interface Scene {
  /** Ids, in the order of arrival. */
  standing(): readonly string[]
  /** The last picture; null before the first, and while the camera is unplugged. */
  picture(): Picture | null
  /** The current frame of a recording; null while the camera is unplugged. */
  view(): Uint8Array | null
  isCameraPlugged(): boolean
  arrive(id: string): void
  /** A real person, as seen by another camera. */
  arriveInPerson(jpeg: Uint8Array): void
  /** Everyone without an id. */
  leave(id?: string): void
  plugCamera(plugged: boolean): void
  /** The door has opened a visit. */
  visitBegan(): void
  /** Takes the pictures once more. */
  takeAgain(): void
  close(): void
}

export interface SceneOptions {
  readonly clock: SteerableClock
  /** Receives what the camera's motion detection reports. */
  readonly motion: (there: boolean) => void
  readonly took: (picture: Picture) => void
  /** Whether the door will open a visit for a person who arrives now, and report it. */
  readonly visitExpected: () => boolean
}

export const drawnSize = { widthPx: 640, heightPx: 480 } as const
/** Unknown visitors while a home is new. */
export const residents = ['visitor-1', 'visitor-2', 'visitor-3'] as const
/** The person at the control room. */
const inPerson = 'you'
export const nameOf = (id: string): string => id.replace(/^visitor-/, 'Visitor ')
export const personId = /^[\w .-]{1,40}$/

interface Look {
  readonly facePx?: number
  readonly turned?: number
  readonly light?: number
  readonly blurred?: boolean
}

/** How people come to a door: from far to near, and not every picture is a good one. */
const looks: readonly Look[] = [
  { facePx: 50 },
  { facePx: 70, light: 0.15 },
  { facePx: 100, turned: 0.2 },
  { blurred: true },
  { facePx: 200 },
]
/** Looks of a person who waits, in turn. */
const waiting = [4, 2, 4, 0] as const
const viewsPerShift = 4
const firstAfterMs = 150
const nextAfterMs = 450
/** Far longer than a door takes to open a visit. */
const visitWithinMs = 1_500

export function openScene({ clock, motion, took, visitExpected }: SceneOptions): Scene {
  let there: readonly Person[] = []
  let plugged = true
  let picture: Picture | null = null
  let real: Uint8Array | null = null
  let taken = 0
  let views = 0
  let cancel: Cancel = () => {}

  const takeNext = () => {
    const jpeg = real ?? pictureOf(there, taken)
    picture = { jpeg, takenAtMs: clock.nowMs() }
    took(picture)
    taken += 1
    if (taken < looks.length) cancel = clock.after(nextAfterMs, takeNext)
  }
  const takeAll = (afterMs = firstAfterMs) => {
    cancel()
    taken = 0
    if (plugged && there.length > 0) cancel = clock.after(afterMs, takeNext)
  }
  /** The pictures wait for the visit, so that the door sends each of them once. */
  const changed = () => {
    motion(plugged && there.length > 0)
    takeAll(visitExpected() ? visitWithinMs : firstAfterMs)
  }

  return {
    standing: () => there.map(({ name }) => name),
    picture: () => picture,
    view() {
      if (!plugged || real) return plugged ? real : null
      views += 1
      const shift = waiting[Math.floor(views / viewsPerShift) % waiting.length] ?? 0
      const isWaiting = there.length > 0 && taken === looks.length
      return pictureOf(there, isWaiting ? shift : Math.max(0, taken - 1))
    },
    isCameraPlugged: () => plugged,
    takeAgain: () => takeAll(),
    visitBegan() {
      const isUnderWay = taken > 0 && taken < looks.length
      if (!isUnderWay) takeAll()
    },
    arriveInPerson(jpeg) {
      real = jpeg
      there = [person(inPerson)]
      changed()
    },
    arrive(id) {
      real = null
      if (!there.some(({ name }) => name === id)) there = [...there, person(id)]
      changed()
    },
    leave(id) {
      real = null
      there = id === undefined ? [] : there.filter(({ name }) => name !== id)
      picture = null
      changed()
    },
    plugCamera(now) {
      plugged = now
      if (!plugged) picture = null
      changed()
    },
    close: () => cancel(),
  }
}

/** Drawing is slow, and the same people come again. */
const drawn = new Map<string, Uint8Array>()
const mostDrawn = 60

function pictureOf(there: readonly Person[], nth: number): Uint8Array {
  const key = [nth, ...there.map(({ name }) => name)].join('|')
  const { turned = 0, facePx = 144, ...light } = looks[nth] ?? {}
  const people = there.map((one) => ({ person: one, turned, facePx }))
  const jpeg = drawn.get(key) ?? drawSnapshot({ people, seed: nth + 1, ...drawnSize, ...light })
  drawn.set(key, jpeg)
  if (drawn.size > mostDrawn) drawn.delete(drawn.keys().next().value ?? '')
  return jpeg
}

/** The face alone, for a list of people to choose from. */
export const portraitOf = (id: string): Uint8Array =>
  drawSnapshot({ people: [{ person: person(id), facePx: 150 }], widthPx: 240, heightPx: 240 })
