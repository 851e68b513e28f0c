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

interface SceneOptions {
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

export class Scene {
  readonly #options: SceneOptions
  #there: readonly Person[] = []
  #isPlugged = true
  #picture: Picture | null = null
  /** A picture from another camera, instead of a drawn one. */
  #real: Uint8Array | null = null
  #taken = 0
  #views = 0
  #cancel: Cancel = () => {}

  constructor(options: SceneOptions) {
    this.#options = options
  }

  /** Ids, in the order of arrival. */
  standing = (): readonly string[] => this.#there.map(({ name }) => name)

  /** The last picture; null before the first, and while the camera is unplugged. */
  picture = () => this.#picture

  isCameraPlugged = () => this.#isPlugged

  /** The current frame of a recording; null while the camera is unplugged. */
  view(): Uint8Array | null {
    if (!this.#isPlugged) return null
    if (this.#real) return this.#real
    this.#views += 1
    const shift = waiting[Math.floor(this.#views / viewsPerShift) % waiting.length] ?? 0
    const isWaiting = this.#there.length > 0 && this.#taken === looks.length
    return pictureOf(this.#there, isWaiting ? shift : Math.max(0, this.#taken - 1))
  }

  arrive(id: string): void {
    const isNew = !this.standing().includes(id)
    this.#change(isNew ? [...this.#there, person(id)] : this.#there)
  }

  /** A real person, as seen by another camera. */
  arriveInPerson(jpeg: Uint8Array): void {
    this.#change([person(inPerson)], jpeg)
  }

  /** Everyone without an id. */
  leave(id?: string): void {
    this.#picture = null
    this.#change(id === undefined ? [] : this.#there.filter(({ name }) => name !== id))
  }

  plugCamera(plugged: boolean): void {
    this.#isPlugged = plugged
    if (!plugged) this.#picture = null
    this.#change(this.#there, this.#real)
  }

  /** The door has opened a visit. */
  visitBegan(): void {
    const isUnderWay = this.#taken > 0 && this.#taken < looks.length
    if (!isUnderWay) this.takeAgain()
  }

  /** Takes the pictures from the first. */
  takeAgain(afterMs = firstAfterMs): void {
    this.#cancel()
    this.#taken = 0
    if (this.#seesPeople()) {
      this.#cancel = this.#options.clock.after(afterMs, () => this.#takeNext())
    }
  }

  close(): void {
    this.#cancel()
  }

  #change(there: readonly Person[], real: Uint8Array | null = null): void {
    this.#there = there
    this.#real = real
    this.#options.motion(this.#seesPeople())
    // The pictures wait for the visit, so that the door sends each of them once.
    this.takeAgain(this.#options.visitExpected() ? visitWithinMs : firstAfterMs)
  }

  #takeNext(): void {
    const { clock, took } = this.#options
    const jpeg = this.#real ?? pictureOf(this.#there, this.#taken)
    this.#picture = { jpeg, takenAtMs: clock.nowMs() }
    took(this.#picture)
    this.#taken += 1
    if (this.#taken < looks.length) {
      this.#cancel = clock.after(nextAfterMs, () => this.#takeNext())
    }
  }

  #seesPeople = () => this.#isPlugged && this.#there.length > 0
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
