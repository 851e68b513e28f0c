/** GetMedia: fragments from a chosen one on, then new ones, until the caller closes the connection. */
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import * as z from 'zod/mini'
import { element, elementIds as ids, unsigned } from '../../../device/recording/core/ebml.ts'
import { fragmentTags } from '../../../device/recording/core/matroska.ts'
import { invalidArgument, type StoredFragment, timestampOf, type VideoStream } from './streams.ts'

export const getMediaShape = z.object({
  StreamName: z.string(),
  StartSelector: z.object({
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
    /** In seconds. */
    StartTimestamp: z.optional(z.number()),
  }),
})
export type StartSelector = z.infer<typeof getMediaShape>['StartSelector']

function isSelected(selector: StartSelector): (fragment: StoredFragment) => boolean {
  const { StartSelectorType: type, StartTimestamp: seconds } = selector
  // A continuation token of this stand-in is the number of the fragment that was read last.
  const after =
    type === 'CONTINUATION_TOKEN' ? selector.ContinuationToken : selector.AfterFragmentNumber
  switch (type) {
    case 'NOW':
      return () => false
    case 'EARLIEST':
      return () => true
    case 'FRAGMENT_NUMBER':
    case 'CONTINUATION_TOKEN':
      if (after === undefined || !/^\d+$/.test(after)) throw missing('fragment number')
      return ({ number }) => BigInt(number) > BigInt(after)
    default:
      if (seconds === undefined) throw missing('StartTimestamp')
      return (fragment) => timestampOf(fragment, type) >= Math.floor(seconds * 1_000)
  }
}

const missing = (what: string) => invalidArgument(`The start selector needs a ${what}.`)

export async function sendMedia(
  response: ServerResponse,
  stream: VideoStream,
  selector: StartSelector,
  nowMs: () => number,
): Promise<void> {
  const waiting = stream.fragments.filter(isSelected(selector))
  let wake = () => {}
  const unwatch = stream.watch((fragment) => {
    waiting.push(fragment)
    wake()
  })
  response.once('close', () => wake())
  response.writeHead(200, { 'content-type': 'video/webm', 'x-amzn-requestid': 'get-media' })
  response.flushHeaders()
  try {
    while (!response.closed) {
      const fragment = waiting.shift()
      if (fragment) {
        await write(response, chunkOf(fragment, nowMs()))
        continue
      }
      const { promise, resolve } = Promise.withResolvers<void>()
      wake = resolve
      await promise
    }
  } catch {
    // The caller closed the connection, which is the only way this ends.
  } finally {
    unwatch()
  }
}

async function write(response: ServerResponse, bytes: Buffer): Promise<void> {
  if (response.write(bytes) || response.closed) return
  await Promise.race([once(response, 'drain'), once(response, 'close')])
}

/** One fragment as GetMedia returns it: each repeats the header of its stream. */
export function chunkOf(fragment: StoredFragment, nowMs: number): Buffer {
  const { number, serverMs, producerMs, header } = fragment
  return Buffer.concat([
    header,
    tagsOf({
      AWS_KINESISVIDEO_FRAGMENT_NUMBER: number,
      AWS_KINESISVIDEO_SERVER_TIMESTAMP: seconds(serverMs),
      AWS_KINESISVIDEO_PRODUCER_TIMESTAMP: seconds(producerMs),
    }),
    clusterOf(fragment),
    tagsOf(fragment.tags),
    tagsOf({
      AWS_KINESISVIDEO_MILLIS_BEHIND_NOW: String(Math.max(0, nowMs - serverMs)),
      AWS_KINESISVIDEO_CONTINUATION_TOKEN: number,
    }),
  ])
}

/** A file for any player: one fragment, or several with the same header. */
export const fileOf = (fragments: readonly StoredFragment[]): Buffer =>
  Buffer.concat([fragments[0]?.header ?? Buffer.alloc(0), ...fragments.map(clusterOf)])

const clusterOf = ({ producerMs, blocks }: StoredFragment): Buffer =>
  element(
    ids.cluster,
    unsigned(ids.timecode, producerMs),
    ...blocks.map((block) => element(ids.simpleBlock, block)),
  )

const seconds = (ms: number): string => (ms / 1_000).toFixed(3)

const tagsOf = (tags: Readonly<Record<string, string>>): Buffer =>
  fragmentTags(tags) ?? Buffer.alloc(0)
