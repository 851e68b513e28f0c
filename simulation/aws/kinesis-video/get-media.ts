/** GetMedia: fragments from a chosen one on, then whatever comes, until the caller hangs up. */
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import * as z from 'zod/mini'
import { element, elementIds as ids, text, unsigned } from '../../../device/recording/core/ebml.ts'
import { parsed } from '../json-services.ts'
import { AwsError } from '../wire.ts'
import type { StoredFragment, VideoStream } from './streams.ts'

const selectorShape = z.object({
  StartSelectorType: z.enum([
    'NOW',
    'EARLIEST',
    'FRAGMENT_NUMBER',
    'PRODUCER_TIMESTAMP',
    'SERVER_TIMESTAMP',
    'CONTINUATION_TOKEN',
  ]),
  AfterFragmentNumber: z.optional(z.string()),
  ContinuationToken: z.optional(z.string()),
  /** Seconds. */
  StartTimestamp: z.optional(z.number()),
})
type Selector = z.infer<typeof selectorShape>

export const getMediaShape = z.object({
  StreamName: z.optional(z.string()),
  StreamARN: z.optional(z.string()),
  StartSelector: selectorShape,
})

/** Which fragments that are stored already are wanted. */
export function selected(stream: VideoStream, selector: Selector): readonly StoredFragment[] {
  const isWanted = wanted(selector)
  return stream.fragments.filter(isWanted)
}

function wanted(selector: Selector): (fragment: StoredFragment) => boolean {
  const { StartSelectorType: kind, StartTimestamp: seconds } = selector
  // A continuation token of this stand-in is the number of the fragment that was read last.
  const after =
    kind === 'CONTINUATION_TOKEN' ? selector.ContinuationToken : selector.AfterFragmentNumber
  switch (kind) {
    case 'NOW':
      return () => false
    case 'EARLIEST':
      return () => true
    case 'FRAGMENT_NUMBER':
    case 'CONTINUATION_TOKEN': {
      if (after === undefined || !/^\d+$/.test(after)) throw missing('fragment number')
      return ({ number }) => BigInt(number) > BigInt(after)
    }
    default: {
      if (seconds === undefined) throw missing('StartTimestamp')
      const field = kind === 'PRODUCER_TIMESTAMP' ? 'producerMs' : 'serverMs'
      return (fragment) => fragment[field] >= Math.floor(seconds * 1_000)
    }
  }
}

const missing = (what: string) =>
  new AwsError(400, 'InvalidArgumentException', `The start selector needs a ${what}.`)

export async function sendMedia(
  response: ServerResponse,
  stream: VideoStream,
  selector: z.infer<typeof selectorShape>,
  nowMs: () => number,
): Promise<void> {
  const waiting = [...selected(stream, selector)]
  let wake = () => {}
  const stop = stream.watch((fragment) => {
    waiting.push(fragment)
    wake()
  })
  response.once('close', () => wake())
  response.writeHead(200, { 'content-type': 'video/webm', 'x-amzn-requestid': 'get-media' })
  response.flushHeaders()
  try {
    while (!response.closed) {
      const fragment = waiting.shift()
      if (fragment) await write(response, chunkOf(fragment, nowMs()))
      else
        await new Promise<void>((resolve) => {
          wake = resolve
        })
    }
  } catch {
    // The caller has hung up, which is the only way this ends.
  } finally {
    stop()
  }
}

async function write(response: ServerResponse, bytes: Buffer): Promise<void> {
  if (response.write(bytes) || response.closed) return
  await Promise.race([once(response, 'drain'), once(response, 'close')])
}

/** One fragment as GetMedia returns it: every one with the whole head of its stream again. */
export function chunkOf(fragment: StoredFragment, nowMs: number): Buffer {
  const { number, serverMs, producerMs, header } = fragment
  return Buffer.concat([
    header,
    tagsOf({
      AWS_KINESISVIDEO_FRAGMENT_NUMBER: number,
      AWS_KINESISVIDEO_SERVER_TIMESTAMP: seconds(serverMs),
      AWS_KINESISVIDEO_PRODUCER_TIMESTAMP: seconds(producerMs),
      ...fragment.tags,
    }),
    clusterOf(fragment),
    tagsOf({
      AWS_KINESISVIDEO_MILLIS_BEHIND_NOW: String(Math.max(0, nowMs - serverMs)),
      AWS_KINESISVIDEO_CONTINUATION_TOKEN: number,
    }),
  ])
}

/** A file that any player takes: one fragment, or several of the same kind. */
export const fileOf = (fragments: readonly StoredFragment[]): Buffer =>
  Buffer.concat([fragments[0]?.header ?? Buffer.alloc(0), ...fragments.map(clusterOf)])

const clusterOf = ({ producerMs, blocks }: StoredFragment): Buffer =>
  element(
    ids.cluster,
    unsigned(ids.timecode, producerMs),
    ...blocks.map((block) => element(ids.simpleBlock, block)),
  )

const seconds = (ms: number): string => (ms / 1_000).toFixed(3)

const tagsOf = (tags: Readonly<Record<string, string>>): Buffer => {
  const simple = Object.entries(tags).map(([name, value]) =>
    element(ids.simpleTag, text(ids.tagName, name), text(ids.tagString, value)),
  )
  return element(ids.tags, element(ids.tag, ...simple))
}

export const readGetMedia = (body: unknown) =>
  parsed(getMediaShape, body, 'InvalidArgumentException')
