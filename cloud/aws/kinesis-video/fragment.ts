/**
 * Finds one fragment in what GetMedia sends. Before each fragment the service says its number; what
 * the producer said about it, such as whose visit it shows, comes before or behind its frames.
 */
import { type EbmlElement, EbmlFault, ebmlWalker, elementsIn, numberIn, textIn } from './ebml.ts'

export interface Fragment {
  readonly number: string
  /** A file of its own, with nothing in it but this fragment. */
  readonly matroska: Uint8Array
  /** From its first frame, one for each frame. */
  readonly frameTimesMs: readonly number[]
  readonly tags: ReadonlyMap<string, string>
}

export type FragmentSearch =
  | { readonly state: 'searching' }
  /** It is whole, though more may be said about it. */
  | { readonly state: 'found' | 'complete'; readonly fragment: Fragment }
  /** Later ones came, so this one will not. */
  | { readonly state: 'passed' }

export interface FragmentFinder {
  push(part: Uint8Array): FragmentSearch
  /** Nothing more comes. */
  end(): FragmentSearch
}

const ids = {
  ebml: 0x1a45dfa3,
  segment: 0x18538067,
  info: 0x1549a966,
  timecodeScale: 0x2ad7b1,
  tracks: 0x1654ae6b,
  trackEntry: 0xae,
  trackNumber: 0xd7,
  trackType: 0x83,
  tags: 0x1254c367,
  tag: 0x7373,
  simpleTag: 0x67c8,
  tagName: 0x45a3,
  tagString: 0x4487,
  cluster: 0x1f43b675,
  timecode: 0xe7,
  simpleBlock: 0xa3,
  blockGroup: 0xa0,
  block: 0xa1,
} as const

/** What of it matters to whoever looks for frames. */
export const kinds = {
  holders: new Set<number>([ids.segment, ids.cluster]),
  wanted: new Set<number>([
    ...([ids.ebml, ids.info, ids.tracks, ids.tags] as const),
    ...([ids.timecode, ids.simpleBlock, ids.blockGroup] as const),
  ]),
  // Kinesis Video takes no fragment that is longer.
  mostBytes: 50 * 1024 * 1024,
}

const numberTag = 'AWS_KINESISVIDEO_FRAGMENT_NUMBER'
const errorTag = 'AWS_KINESISVIDEO_ERROR_CODE'
const videoTrack = 1
const nanosecondsPerMs = 1_000_000

export class MediaFault extends Error {
  override readonly name = 'MediaFault'
  readonly code: string
  constructor(code: string) {
    super('Kinesis Video ended the stream with an error.')
    this.code = code
  }
}

/** How the stream began, as it was said last: nothing of a fragment can be shown without it. */
interface Head {
  readonly parts: readonly Uint8Array[]
  readonly video: number | null
  readonly msPerTick: number
}

const noHead: Head = { parts: [], video: null, msPerTick: 1 }

export function fragmentFinder(wanted: string): FragmentFinder {
  const walker = ebmlWalker(kinds)
  const frames = framesGathered()
  let head = noHead
  let number: string | null = null
  let tags = new Map<string, string>()
  let search: FragmentSearch = { state: 'searching' }

  const isWanted = () => number === wanted
  const complete = (): void => {
    if (search.state === 'found') search = { ...search, state: 'complete' }
  }

  const endCluster = (): void => {
    if (search.state !== 'searching' || !isWanted() || frames.isEmpty()) return
    search = { state: 'found', fragment: { number: wanted, ...frames.behind(head), tags } }
  }

  const beginNumber = (next: string): void => {
    if (search.state === 'found') complete()
    else if (isAfter(next, wanted)) search = { state: 'passed' }
    number = next
    tags = new Map()
  }

  const takeTags = (content: Uint8Array): void => {
    const said = tagsIn(content)
    const error = said.get(errorTag)
    if (error !== undefined) throw new MediaFault(error)
    const next = said.get(numberTag)
    if (next !== undefined && next !== number) beginNumber(next)
    for (const [name, value] of said) tags.set(name, value)
  }

  const take = (element: EbmlElement): void => {
    if (search.state === 'complete' || search.state === 'passed') return
    if (besideClusters.has(element.id)) endCluster()
    if (element.id === ids.tags) takeTags(element.content)
    // A header or a cluster in the middle of a fragment's tags belongs to the next one.
    else if (besideClusters.has(element.id) && search.state === 'found') complete()
    else if (headIds.has(element.id)) head = headWith(head, element)
    else if (!isWanted()) return
    else if (element.id === ids.cluster) frames.begin()
    else frames.take(element, head)
  }

  return {
    push(part) {
      for (const element of walker.push(part)) take(element)
      return search
    },
    end() {
      endCluster()
      complete()
      return search
    },
  }
}

/** Whatever stands beside a cluster ends it. */
const besideClusters = new Set<number>([ids.ebml, ids.tags, ids.cluster])

const headIds = new Set<number>([ids.ebml, ids.segment, ids.info, ids.tracks])

function headWith(head: Head, element: EbmlElement): Head {
  const parts = [...head.parts, element.id === ids.segment ? endlessSegment : element.bytes]
  switch (element.id) {
    case ids.ebml:
      return { ...noHead, parts: [element.bytes] }
    case ids.info:
      return { ...head, parts, msPerTick: msPerTick(element) }
    case ids.tracks:
      return { ...head, parts, video: videoIn(element) }
    default:
      return { ...head, parts }
  }
}

/** The cluster of the wanted fragment, with the time of each of its frames. */
function framesGathered() {
  let cluster: Uint8Array[] = []
  let bytes = 0
  const frameTimesMs: number[] = []
  return {
    isEmpty: () => cluster.length === 0,
    begin() {
      cluster = [endlessCluster]
    },
    take(element: EbmlElement, { video, msPerTick: scale }: Head) {
      if (cluster.length === 0) return
      bytes += element.length
      if (bytes > kinds.mostBytes) throw new EbmlFault('too-long', 'A fragment is too long.')
      cluster.push(...element.parts)
      const ticks = element.id === ids.timecode ? null : ticksOf(element, video)
      if (ticks !== null) frameTimesMs.push(ticks * scale)
    },
    behind: ({ parts }: Head) => ({
      matroska: Buffer.concat([...parts, ...cluster]),
      frameTimesMs,
    }),
  }
}

const endless = (id: number): Uint8Array => {
  const bytes = Buffer.alloc(12, 0xff)
  bytes.writeUInt32BE(id, 0)
  bytes[4] = 0x01
  return bytes
}
const endlessSegment = endless(ids.segment)
const endlessCluster = endless(ids.cluster)

/** They are too long for a number, and later ones are larger. */
const isAfter = (one: string, other: string): boolean =>
  one.length === other.length ? one > other : one.length > other.length

// ---------------------------------------------------------------- what elements say

function tagsIn(content: Uint8Array): Map<string, string> {
  const simple = elementsIn(content)
    .filter(({ id }) => id === ids.tag)
    .flatMap((tag) => elementsIn(tag.content).filter(({ id }) => id === ids.simpleTag))
  return new Map(
    simple.map((one) => {
      const parts = elementsIn(one.content)
      const textOf = (id: number) => textIn(parts.find((part) => part.id === id)?.content ?? none)
      return [textOf(ids.tagName), textOf(ids.tagString)] as const
    }),
  )
}

const none = new Uint8Array(0)

const inside = (element: EbmlElement, id: number): number | null => {
  const found = elementsIn(element.content).find((one) => one.id === id)
  return found ? numberIn(found.content) : null
}

const msPerTick = (info: EbmlElement): number =>
  (inside(info, ids.timecodeScale) ?? nanosecondsPerMs) / nanosecondsPerMs

function videoIn(tracks: EbmlElement): number | null {
  const entries = elementsIn(tracks.content).filter(({ id }) => id === ids.trackEntry)
  const video = entries.find((entry) => inside(entry, ids.trackType) === videoTrack)
  return video ? inside(video, ids.trackNumber) : null
}

/** Null for a frame of another track. Its own track is said in one byte, as there are at most three. */
function ticksOf(element: EbmlElement, video: number | null): number | null {
  const isGroup = element.id === ids.blockGroup
  const block = isGroup ? elementsIn(element.content).find(({ id }) => id === ids.block) : element
  const said = block?.beginning(4)
  if (!said || said.length < 4) return null
  const track = (said[0] ?? 0) & 0x7f
  if (video !== null && track !== video) return null
  return new DataView(said.buffer, said.byteOffset).getInt16(1)
}
