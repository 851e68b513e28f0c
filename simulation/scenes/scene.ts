/**
 * Who stands before the camera, and what it sees: drawn people, from the front, turned away, in bad
 * light or blurred, so that recognition has something to decide.
 */
import type { Cancel } from '../../device/daemon/ports.ts'
import type { SteerableClock } from '../home/steerable-clock.ts'
import { drawSnapshot, type Person, person } from './drawn-faces.ts'

export interface Picture {
  readonly jpeg: Uint8Array
  readonly takenAtMs: number
}

export interface Scene {
  /** By id, in the order in which they came. */
  standing(): readonly string[]
  /** What the camera saw last; null before anything, and while it is unplugged. */
  picture(): Picture | null
  /** What a camera would film at this moment, still or not; null while it is unplugged. */
  view(): Uint8Array | null
  isCameraPlugged(): boolean
  arrive(id: string): void
  /** Somebody real, as a camera elsewhere has seen them. */
  arriveInPerson(jpeg: Uint8Array): void
  /** Everybody, unless somebody is named. */
  leave(id?: string): void
  plugCamera(plugged: boolean): void
  /** The camera looks again, though nobody new is there. */
  lookAgain(): void
  close(): void
}

export interface SceneOptions {
  readonly clock: SteerableClock
  /** What the camera's motion detection says. */
  readonly motion: (there: boolean) => void
  readonly took: (picture: Picture) => void
}

export const drawnSize = { widthPx: 640, heightPx: 480 } as const
/** Strangers, all of them, when a home is new. */
export const residents = ['visitor-1', 'visitor-2', 'visitor-3'] as const
/** Whoever sits before the control room. */
export const inPerson = 'you'
export const nameOf = (id: string): string => id.replace(/^visitor-/, 'Visitor ')
export const personId = /^[\w .-]{1,40}$/

interface Look {
  readonly turned?: number
  readonly light?: number
  readonly blurred?: boolean
}

/** How people come to a door: not every picture is a good one. */
const looks: readonly Look[] = [{}, { light: 0.15 }, { turned: 0.2 }, { blurred: true }, {}]
/** Whoever waits shifts from one foot to the other. */
const waiting = [4, 2, 4, 0] as const
const viewsPerShift = 4
const firstAfterMs = 150
const nextAfterMs = 450

export function openScene({ clock, motion, took }: SceneOptions): Scene {
  let there: readonly Person[] = []
  let plugged = true
  let picture: Picture | null = null
  let real: Uint8Array | null = null
  let taken = 0
  let views = 0
  let cancel: Cancel = () => {}

  const detect = () => motion(plugged && there.length > 0)
  const shoot = () => {
    const jpeg = real ?? pictureOf(there, taken % looks.length)
    picture = { jpeg, takenAtMs: clock.nowMs() }
    took(picture)
  }
  const takeNext = () => {
    shoot()
    taken += 1
    if (taken < looks.length) cancel = clock.after(nextAfterMs, takeNext)
  }
  const lookAgain = () => {
    cancel()
    taken = 0
    if (plugged && there.length > 0) cancel = clock.after(firstAfterMs, takeNext)
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
    lookAgain,
    arriveInPerson(jpeg) {
      real = jpeg
      there = [person(inPerson)]
      detect()
      lookAgain()
    },
    arrive(id) {
      real = null
      if (!there.some(({ name }) => name === id)) there = [...there, person(id)]
      detect()
      lookAgain()
    },
    leave(id) {
      real = null
      there = id === undefined ? [] : there.filter(({ name }) => name !== id)
      detect()
      cancel()
      picture = null
      lookAgain()
    },
    plugCamera(now) {
      plugged = now
      if (!plugged) picture = null
      detect()
      lookAgain()
    },
    close: () => cancel(),
  }
}

/** Drawing takes longer than looking, and the same people come again. */
const drawn = new Map<string, Uint8Array>()
const mostDrawn = 60

function pictureOf(there: readonly Person[], nth: number): Uint8Array {
  const key = [nth, ...there.map(({ name }) => name)].join('|')
  const { turned = 0, ...light } = looks[nth] ?? {}
  const people = there.map((one) => ({ person: one, turned }))
  const jpeg = drawn.get(key) ?? drawSnapshot({ people, seed: nth + 1, ...drawnSize, ...light })
  drawn.set(key, jpeg)
  if (drawn.size > mostDrawn) drawn.delete(drawn.keys().next().value ?? '')
  return jpeg
}

/** For choosing among them: the face alone. */
export const portraitOf = (id: string): Uint8Array =>
  drawSnapshot({ people: [{ person: person(id), facePx: 150 }], widthPx: 240, heightPx: 240 })
