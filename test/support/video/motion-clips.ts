/**
 * Clips for the motion detector, drawn picture by picture: a street with texture and sensor noise,
 * with a walking visitor, changing light, rain, dusk, what moves by itself, or nothing. Every picture
 * says whether a visitor is in it, so that detections can be counted.
 */

export interface Picture {
  readonly grey: Uint8Array
  readonly atMs: number
  /** Enough of a visitor is in it to be detected. */
  readonly hasVisitor: boolean
}

export interface Clip {
  readonly name: string
  readonly widthPx: number
  readonly heightPx: number
  readonly pictures: readonly Picture[]
  /** How many times a visitor comes. */
  readonly events: number
  /** By then a detector must have learned what moves by itself. */
  readonly learnedByMs: number
}

export const clipSize = { widthPx: 160, heightPx: 90 } as const
const pictureMs = 100

interface Scene {
  readonly seconds: number
  /** How light it is, 1 by day. */
  readonly light?: (second: number) => number
  readonly noise?: number
  readonly rain?: number
  /** From when to when a visitor walks through, in seconds. */
  readonly walks?: readonly (readonly [from: number, to: number])[]
  /** They stop in the middle for this share of the time, as one does at a door. */
  readonly stopping?: number
  /** Changes the scene behind the visitors, or the light on it. */
  readonly moves?: (scenery: Float32Array, second: number) => void
  readonly learningSeconds?: number
}

export const clips = (seed = 1): readonly Clip[] => [
  clipOf(
    'walking figure',
    {
      seconds: 30,
      walks: [
        [6, 11],
        [18, 23],
      ],
    },
    seed,
  ),
  clipOf('standing at the door', { seconds: 30, walks: [[6, 24]], stopping: 0.8 }, seed),
  clipOf('nothing', { seconds: 20 }, seed),
  clipOf('noise', { seconds: 20, noise: 9 }, seed),
  clipOf('clouds', { seconds: 30, light: (s) => 1 - 0.35 * Math.sin(s / 5) ** 2 }, seed),
  clipOf('a lamp switched on', { seconds: 20, light: (s) => (s < 10 ? 0.6 : 1.1) }, seed),
  clipOf('rain', { seconds: 20, rain: 60 }, seed),
  clipOf('rain and a visitor', { seconds: 20, rain: 60, walks: [[8, 13]] }, seed),
  clipOf('dusk', { seconds: 20, light: () => 0.22, noise: 5, walks: [[8, 14]] }, seed),
]

const lateVisitor: Scene = {
  ...{ seconds: 80, learningSeconds: 56 },
  ...{ walks: [[66, 76]], stopping: 0.4 },
}

/** What moves by itself again and again, and a visitor who comes late. */
export const repeatingClips = (seed = 1): readonly Clip[] => [
  clipOf('a branch in the wind', { ...lateVisitor, moves: branchAt(38) }, seed),
  clipOf('a branch where visitors stand', { ...lateVisitor, moves: branchAt(80) }, seed),
  clipOf('a flag', { ...lateVisitor, moves: drawFlag }, seed),
  clipOf('headlights', { ...lateVisitor, moves: drawHeadlights }, seed),
  clipOf('heavy rain', { ...lateVisitor, rain: 250 }, seed),
]

export function clipOf(name: string, scene: Scene, seed = 1): Clip {
  const random = numbersFrom(seed)
  const background = drawnScene(random)
  const pictures = Array.from({ length: (scene.seconds * 1_000) / pictureMs }, (_, index) =>
    picture(scene, background, index * pictureMs, random),
  )
  const [events, learnedByMs] = [scene.walks?.length ?? 0, (scene.learningSeconds ?? 0) * 1_000]
  return { name, ...clipSize, pictures, events, learnedByMs }
}

function picture(
  scene: Scene,
  background: Float32Array,
  atMs: number,
  random: () => number,
): Picture {
  const second = atMs / 1_000
  const walk = scene.walks?.find(([from, to]) => second >= from && second < to)
  const scenery = new Float32Array(background)
  scene.moves?.(scenery, second)
  const hasVisitor =
    walk !== undefined && drawPerson(scenery, placeOf(walk, second, scene.stopping))
  for (let drop = 0; drop < (scene.rain ?? 0); drop += 1) drawStreak(scenery, random)
  const light = scene.light?.(second) ?? 1
  const noise = scene.noise ?? 2
  // `Uint8Array.from` with a function takes ten times as long.
  const grey = new Uint8Array(scenery.length)
  for (let at = 0; at < grey.length; at += 1) {
    grey[at] = (scenery[at] ?? 0) * light + (random() - 0.5) * 2 * noise
  }
  return { grey, atMs, hasVisitor }
}

/** Where the middle of a walker is, as a share of the width, from outside left to outside right. */
function placeOf([from, to]: readonly [number, number], second: number, stopping = 0): number {
  const way = (second - from) / (to - from)
  const early = (1 - stopping) / 2
  if (stopping === 0) return -0.1 + 1.2 * way
  if (way < early) return -0.1 + 0.6 * (way / early)
  if (way < early + stopping) return 0.5 + 0.004 * Math.sin(second * 3)
  return 0.5 + 0.6 * ((way - early - stopping) / early)
}

function drawPerson(scenery: Float32Array, place: number): boolean {
  const middle = place * clipSize.widthPx
  let drawn = 0
  for (let y = 18; y < 90; y += 1) {
    const right = Math.min(clipSize.widthPx - 1, Math.ceil(middle + halfPerson))
    for (let x = Math.max(0, Math.floor(middle - halfPerson)); x <= right; x += 1) {
      const level = partOfPerson(x - middle, y)
      if (level === null) continue
      scenery[y * clipSize.widthPx + x] = level
      drawn += 1
    }
  }
  return drawn > 300
}

const halfPerson = 12

/** A face, a coat with a pattern, dark trousers. */
function partOfPerson(x: number, y: number): number | null {
  if (x * x + (y - 26) * (y - 26) * 0.7 < 42) return 205 - y
  if (y > 33 && y < 64 && Math.abs(x) < 11) return 60 + 12 * Math.sin(x) + (y % 7) * 4
  if (y >= 64 && Math.abs(Math.abs(x) - 5) < 4.5) return 35
  return null
}

/** Dark leaves that swing in gusts. Visitors stop at 80. */
function branchAt(middle: number) {
  return (scenery: Float32Array, second: number) => {
    const gust = 0.6 + 0.4 * Math.sin(second / 7)
    const sway = 8 * gust * Math.sin(second * 2.4) + 2 * Math.sin(second * 5.3)
    paint(scenery, { left: middle - 33, top: 5, right: middle + 37, bottom: 45 }, (x, y) => {
      const [across, down] = [(x - middle - sway) / 22, (y - 24 - sway / 4) / 15]
      if (across * across + down * down > 1) return null
      return 45 + 22 * Math.sin((x - sway) * 1.3) * Math.sin(y * 0.9)
    })
  }
}

/** Light and dark stripes that wave. */
function drawFlag(scenery: Float32Array, second: number): void {
  paint(scenery, { left: 98, top: 6, right: 144, bottom: 44 }, (x, y) => {
    const wave = Math.sin(x * 0.2 - second * 6)
    if (y < 12 + 4 * wave || y > 36 + 4 * wave) return null
    return (y + 4 * wave) % 10 < 5 ? 200 + 30 * wave : 60 + 30 * wave
  })
}

/** Every six seconds a car throws its light along the wall. */
function drawHeadlights(scenery: Float32Array, second: number): void {
  const middle = ((second + 2) % 6) * 90 - 40
  const { widthPx: right, heightPx: bottom } = clipSize
  paint(scenery, { left: 0, top: 0, right, bottom }, (x, y, level) => {
    const [across, down] = [(x - middle) / 30, (y - 45) / 22]
    return level + 110 * Math.exp(-across * across - down * down)
  })
}

interface Area {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

/** Null leaves a pixel as it is. */
function paint(
  scenery: Float32Array,
  { left, top, right, bottom }: Area,
  levelAt: (x: number, y: number, level: number) => number | null,
): void {
  for (let y = top; y < bottom; y += 1) {
    for (let x = left; x < right; x += 1) {
      const at = y * clipSize.widthPx + x
      const level = scenery[at] ?? 0
      scenery[at] = levelAt(x, y, level) ?? level
    }
  }
}

function drawStreak(scenery: Float32Array, random: () => number): void {
  const x = Math.floor(random() * clipSize.widthPx)
  const y = Math.floor(random() * (clipSize.heightPx - 12))
  for (let along = 0; along < 12; along += 1) {
    const at = (y + along) * clipSize.widthPx + x
    scenery[at] = Math.min(255, (scenery[at] ?? 0) + 45)
  }
}

function drawnScene(random: () => number): Float32Array {
  const scene = new Float32Array(clipSize.widthPx * clipSize.heightPx)
  for (let at = 0; at < scene.length; at += 1) {
    const x = at % clipSize.widthPx
    const y = Math.floor(at / clipSize.widthPx)
    const wall = 150 + 20 * Math.sin(x / 9) + (y % 10 < 2 ? -25 : 0)
    scene[at] = (y < 60 ? wall : 105 + ((x + 2 * y) % 23)) + random() * 8
  }
  return scene
}

/** The same numbers for the same seed, so that every run has the same clip. */
function numbersFrom(seed: number): () => number {
  let state = seed * 2_654_435_761
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
