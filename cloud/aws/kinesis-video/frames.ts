/**
 * Single frames of recordings, as JPEG: GetMedia from the time at which the fragment was made, read
 * until the fragment is complete, then closed, because the service never ends a stream.
 * `FRAGMENT_NUMBER` would start with the fragment after the wanted one.
 */
import { Readable } from 'node:stream'
import {
  GetMediaCommand,
  KinesisVideoMediaClient,
  ResourceNotFoundException,
} from '@aws-sdk/client-kinesis-video-media'
import type { Clock, FrameAnswer, FrameRef, Frames } from '../../ports.ts'
import { EbmlFault } from './ebml.ts'
import { type ClientSettings, type MediaEndpoints, mediaEndpoints } from './endpoint.ts'
import { type Fragment, fragmentFinder } from './fragment.ts'
import { jpegOf } from './jpeg.ts'

interface FramesDeps {
  readonly settings: ClientSettings
  readonly clock: Clock
  /** Path or name of the program. */
  readonly ffmpeg: string
  /** The fragment tags that hold the visit's id and number. */
  readonly tagNames: { readonly visitId: string; readonly visitNumber: string }
  /** After this time without data the stream is closed; a complete fragment is used even then. */
  readonly silenceMs?: number
}

const usualSilenceMs = 5_000

export function framesKinesisVideo(deps: FramesDeps): Frames {
  const endpoints = mediaEndpoints(deps.settings, deps.clock)
  // A fragment lasts for seconds, so consecutive requests often want frames of the same one.
  let last: { readonly key: string; readonly fragment: Fragment } | null = null
  return {
    async frame(ref) {
      const key = `${ref.streamName} ${ref.fragmentNumber}`
      const fragment = last?.key === key ? last.fragment : await fetchFragment(deps, endpoints, ref)
      if (typeof fragment === 'string') return { outcome: 'no-frame', why: fragment }
      last = { key, fragment }
      return frameOf(deps, fragment, ref.offsetMs)
    },
  }
}

/** The offset is a fraction of a second, and a frame's time is whole milliseconds. */
const roundingMs = 0.5

async function frameOf(
  { ffmpeg, tagNames }: FramesDeps,
  { matroska, frameTimesMs, tags }: Fragment,
  offsetMs: number,
): Promise<FrameAnswer> {
  // Frames can be stored in another order than they are shown in, so they are counted by time.
  const shown = frameTimesMs.filter((atMs) => atMs <= offsetMs + roundingMs).length
  const jpeg = await jpegOf(ffmpeg, matroska, Math.max(0, shown - 1))
  if (!jpeg) return { outcome: 'no-frame', why: 'unreadable' }
  const visitNumber = Number(tags.get(tagNames.visitNumber) ?? Number.NaN)
  return {
    outcome: 'frame',
    jpeg,
    visitId: tags.get(tagNames.visitId) ?? null,
    visitNumber: Number.isInteger(visitNumber) ? visitNumber : null,
  }
}

async function fetchFragment(
  deps: FramesDeps,
  endpoints: MediaEndpoints,
  ref: FrameRef,
): Promise<Fragment | 'not-found' | 'unreadable'> {
  const endpoint = await endpoints.of(ref.streamName, 'GET_MEDIA')
  const client = new KinesisVideoMediaClient({ ...deps.settings, endpoint })
  const command = new GetMediaCommand({
    StreamName: ref.streamName,
    StartSelector: {
      StartSelectorType: 'PRODUCER_TIMESTAMP',
      StartTimestamp: new Date(ref.producerAtMs),
    },
  })
  try {
    const { Payload } = await client.send(command)
    const found = Payload instanceof Readable ? await findFragment(deps, ref, Payload) : null
    return found ?? 'not-found'
  } catch (error) {
    if (error instanceof EbmlFault) return 'unreadable'
    if (error instanceof ResourceNotFoundException) return 'not-found'
    endpoints.forget()
    throw error
  } finally {
    client.destroy()
  }
}

async function findFragment(
  { tagNames, silenceMs = usualSilenceMs }: FramesDeps,
  { fragmentNumber }: FrameRef,
  payload: Readable,
): Promise<Fragment | null> {
  const finder = fragmentFinder(fragmentNumber)
  let isSilent = false
  const silence = setTimeout(() => {
    isSilent = true
    payload.destroy()
  }, silenceMs)
  try {
    for await (const part of payload) {
      silence.refresh()
      const search = finder.push(part)
      if (search.state === 'passed') return null
      if (search.state === 'complete') return search.fragment
      // The only tag that is worth waiting for is the visit's.
      if (search.state === 'found' && search.fragment.tags.has(tagNames.visitId)) {
        return search.fragment
      }
    }
  } catch (error) {
    if (!isSilent) throw error
  } finally {
    clearTimeout(silence)
    payload.destroy()
  }
  const search = finder.end()
  return search.state === 'complete' ? search.fragment : null
}
