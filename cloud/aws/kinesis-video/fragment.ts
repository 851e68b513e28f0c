/**
 * Finds one fragment in the output of GetMedia. Before each fragment the service sends its number;
 * the producer's own tags, such as whose visit it shows, come before or after its frames.
 */
import {
  contentOf,
  type EbmlElement,
  EbmlFault,
  type EbmlKinds,
  EbmlWalker,
  elementsIn,
  ids,
  numberIn,
  tagsIn,
} from './ebml.ts'

export interface Fragment {
  readonly number: string
  /** A Matroska file of its own that holds only this fragment. */
  readonly matroska: Uint8Array
  /** One for each frame, counted from the start of the fragment. */
  readonly frameTimesMs: readonly number[]
  readonly tags: ReadonlyMap<string, string>
}

export type FragmentSearch =
  | { readonly state: 'searching' }
  /** `found`: the frames are complete, but more tags may follow. */
  | { readonly state: 'found' | 'complete'; readonly fragment: Fragment }
  /** A later fragment came, so this one will not. */
  | { readonly state: 'passed' }

interface FragmentFinder {
  push(part: Uint8Array): FragmentSearch
  /** The stream has ended. */
  end(): FragmentSearch
}

export const kinds: EbmlKinds = {
  containers: new Set<number>([ids.segment, ids.cluster]),
  wanted: new Set<number>([
    ids.ebml,
    ids.info,
    ids.tracks,
    ids.tags,
    ids.timecode,
    ids.simpleBlock,
    ids.blockGroup,
  ]),
  // Kinesis Video accepts no longer fragment.
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

/** The latest start of a stream: no fragment can be decoded without it. */
interface Head {
  readonly parts: readonly Uint8Array[]
  readonly videoTrack: number | null
  readonly msPerTick: number
}

const noHead: Head = { parts: [], videoTrack: null, msPerTick: 1 }

export function fragmentFinder(wanted: string): FragmentFinder {
  const walker = new EbmlWalker(kinds)
  const frames = frameGatherer()
  let head = noHead
  let number: string | null = null
  let tags = new Map<string, string>()
  let search: FragmentSearch = { state: 'searching' }

  const complete = (): void => {
    if (search.state === 'found') search = { ...search, state: 'complete' }
  }

  const endCluster = (): void => {
    if (search.state !== 'searching' || number !== wanted || frames.isEmpty()) return
    search = { state: 'found', fragment: { number: wanted, ...frames.after(head), tags } }
  }

  const takeTags = (content: Buffer): void => {
    const found = new Map(tagsIn(content))
    const error = found.get(errorTag)
    if (error !== undefined) throw new MediaFault(error)
    const next = found.get(numberTag)
    if (next !== undefined && next !== number) {
      if (search.state === 'found') complete()
      else if (isAfter(next, wanted)) search = { state: 'passed' }
      number = next
      tags = new Map()
    }
    for (const [name, value] of found) tags.set(name, value)
  }

  const take = (element: EbmlElement): void => {
    if (search.state === 'complete' || search.state === 'passed') return
    const endsCluster = clusterEnds.has(element.id)
    if (endsCluster) endCluster()
    if (element.id === ids.tags) takeTags(element.content)
    // A header or a cluster after the frames belongs to the next fragment.
    else if (endsCluster && search.state === 'found') complete()
    else if (headIds.has(element.id)) head = headWith(head, element)
    else if (number !== wanted) return
    else if (element.id === ids.cluster) frames.begin()
    else frames.take(element, head)
  }

  return {
    push(part) {
      walker.push(part, take)
      return search
    },
    end() {
      endCluster()
      complete()
      return search
    },
  }
}

const clusterEnds = new Set<number>([ids.ebml, ids.tags, ids.cluster])
const headIds = new Set<number>([ids.ebml, ids.segment, ids.info, ids.tracks])

function headWith(head: Head, element: EbmlElement): Head {
  const parts = [...head.parts, element.id === ids.segment ? unsizedSegment : element.bytes]
  switch (element.id) {
    case ids.ebml:
      return { ...noHead, parts: [element.bytes] }
    case ids.info:
      return { ...head, parts, msPerTick: msPerTickIn(element) }
    case ids.tracks:
      return { ...head, parts, videoTrack: videoTrackIn(element) }
    default:
      return { ...head, parts }
  }
}

/** The cluster of the wanted fragment, with the time of each of its frames. */
function frameGatherer() {
  let cluster: Uint8Array[] = []
  let bytes = 0
  const frameTimesMs: number[] = []
  return {
    isEmpty: () => cluster.length === 0,
    begin() {
      cluster = [unsizedCluster]
    },
    take(element: EbmlElement, { videoTrack: track, msPerTick }: Head) {
      if (cluster.length === 0) return
      bytes += element.length
      if (bytes > kinds.mostBytes) throw new EbmlFault('too-long', 'A fragment is too long.')
      cluster.push(...element.parts)
      const ticks = element.id === ids.timecode ? null : ticksOf(element, track)
      if (ticks !== null) frameTimesMs.push(ticks * msPerTick)
    },
    after: ({ parts }: Head) => ({
      matroska: Buffer.concat([...parts, ...cluster]),
      frameTimesMs,
    }),
  }
}

/** The head of a container of unknown length. */
const unsized = (id: number): Uint8Array => {
  const bytes = Buffer.alloc(12, 0xff)
  bytes.writeUInt32BE(id, 0)
  bytes[4] = 0x01
  return bytes
}
const unsizedSegment = unsized(ids.segment)
const unsizedCluster = unsized(ids.cluster)

/** Fragment numbers are too long for a JavaScript number; later ones are larger. */
const isAfter = (one: string, other: string): boolean =>
  one.length === other.length ? one > other : one.length > other.length

// ---------------------------------------------------------------- the content of elements

const numberInside = (element: EbmlElement, id: number): number | null => {
  const content = contentOf(elementsIn(element.content), id)
  return content && numberIn(content)
}

const msPerTickIn = (info: EbmlElement): number =>
  (numberInside(info, ids.timecodeScale) ?? nanosecondsPerMs) / nanosecondsPerMs

function videoTrackIn(tracks: EbmlElement): number | null {
  const entries = elementsIn(tracks.content).filter(({ id }) => id === ids.trackEntry)
  const video = entries.find((entry) => numberInside(entry, ids.trackType) === videoTrack)
  return video ? numberInside(video, ids.trackNumber) : null
}

/** Null for a frame of another track. A track number is one byte, as there are at most three. */
function ticksOf(element: EbmlElement, video: number | null): number | null {
  const isGroup = element.id === ids.blockGroup
  const block = isGroup ? elementsIn(element.content).find(({ id }) => id === ids.block) : element
  const head = block?.beginning(4)
  if (!head || head.length < 4) return null
  const track = (head[0] ?? 0) & 0x7f
  return video !== null && track !== video ? null : head.readInt16BE(1)
}
