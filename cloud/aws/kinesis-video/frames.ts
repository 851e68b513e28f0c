/**
 * Pictures out of Kinesis Video: GetMedia from when the fragment was made, read until the wanted one
 * is whole, then hung up, as the service itself never ends. `FRAGMENT_NUMBER` would begin with the
 * one after it.
 */
import { Readable } from 'node:stream'
import {
  GetMediaCommand,
  type KinesisVideoMediaClient,
  ResourceNotFoundException,
} from '@aws-sdk/client-kinesis-video-media'
import type { FrameAnswer, FrameRef, Frames } from '../../ports.ts'
import { EbmlFault } from './ebml.ts'
import type { MediaEndpoints } from './endpoint.ts'
import { type Fragment, fragmentFinder } from './fragment.ts'
import { jpegOf } from './jpeg.ts'

export interface FramesDeps {
  readonly endpoints: MediaEndpoints
  readonly clientAt: (endpoint: string) => KinesisVideoMediaClient
  /** The program, by its path or its name. */
  readonly ffmpeg: string
  /** What a fragment's tags call the visit that it shows, and its number. */
  readonly tagNames: { readonly visitId: string; readonly visitNumber: string }
  /** When the stream falls silent: an answer that is there by then is taken as it is. */
  readonly patienceMs?: number
}

const usualPatienceMs = 5_000

export function framesKinesisVideo(deps: FramesDeps): Frames {
  // A fragment shows seconds, so several pictures that are asked for one after the other are in one.
  let last: { readonly key: string; readonly fragment: Fragment } | null = null
  return {
    async frame(ref) {
      const key = `${ref.streamName} ${ref.fragmentNumber}`
      const fragment = last?.key === key ? last.fragment : await fetched(deps, ref)
      if (fragment === 'unreadable') return { outcome: 'no-frame', why: 'unreadable' }
      if (fragment === null) return { outcome: 'no-frame', why: 'not-found' }
      last = { key, fragment }
      return pictureOf(deps, fragment, ref.offsetMs)
    },
  }
}

async function pictureOf(
  { ffmpeg, tagNames }: FramesDeps,
  { matroska, frameTimesMs, tags }: Fragment,
  offsetMs: number,
): Promise<FrameAnswer> {
  // Frames may be stored in another order than they are shown in, so they are counted by their times.
  const shown = frameTimesMs.filter((atMs) => atMs <= offsetMs + roundingMs).length
  const jpeg = await jpegOf(ffmpeg, matroska, Math.max(0, shown - 1))
  if (!jpeg) return { outcome: 'no-frame', why: 'unreadable' }
  const visitNumber = Number(tags.get(tagNames.visitNumber) ?? Number.NaN)
  return {
    ...{ outcome: 'frame', jpeg, visitId: tags.get(tagNames.visitId) ?? null },
    visitNumber: Number.isInteger(visitNumber) ? visitNumber : null,
  }
}

/** The offset is a fraction of a second, and a frame's time whole milliseconds. */
const roundingMs = 0.5

async function fetched(deps: FramesDeps, ref: FrameRef): Promise<Fragment | null | 'unreadable'> {
  const client = deps.clientAt(await deps.endpoints.of(ref.streamName))
  const asked = new GetMediaCommand({
    StreamName: ref.streamName,
    StartSelector: {
      StartSelectorType: 'PRODUCER_TIMESTAMP',
      StartTimestamp: new Date(ref.producerAtMs),
    },
  })
  try {
    const { Payload } = await client.send(asked)
    return Payload instanceof Readable ? await found(deps, ref, Payload) : null
  } catch (error) {
    if (error instanceof EbmlFault) return 'unreadable'
    if (error instanceof ResourceNotFoundException) return null
    // The place may have moved.
    deps.endpoints.forget(ref.streamName)
    throw error
  } finally {
    client.destroy()
  }
}

async function found(
  { tagNames, patienceMs = usualPatienceMs }: FramesDeps,
  { fragmentNumber }: FrameRef,
  payload: Readable,
): Promise<Fragment | null> {
  const finder = fragmentFinder(fragmentNumber)
  let isLate = false
  const hangUp = () => {
    isLate = true
    payload.destroy()
  }
  const silence = setTimeout(hangUp, patienceMs)
  try {
    for await (const part of payload) {
      silence.refresh()
      const search = finder.push(part)
      if (search.state === 'passed') return null
      if (search.state === 'complete') return search.fragment
      // Who it shows is all that could still be said about it.
      if (search.state === 'found' && search.fragment.tags.has(tagNames.visitId)) {
        return search.fragment
      }
    }
  } catch (error) {
    if (!isLate) throw error
  } finally {
    clearTimeout(silence)
    payload.destroy()
  }
  const search = finder.end()
  return search.state === 'complete' ? search.fragment : null
}
