/**
 * Fetches a calendar from an address that a member typed. The address is resolved here and the
 * connection goes to what was checked, so that a name cannot lead into a network.
 */
import { lookup as resolve } from 'node:dns'
import { type RequestOptions, request } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { isCalendarUrl } from '../../calendars/calendar-url.ts'
import type { CalendarFeeds, FeedAnswer } from '../../ports.ts'
import { isPublicAddress } from './addresses.ts'

const mostBytes = 1024 * 1024
const timeoutMs = 10_000
const mostRedirects = 3

export interface FeedOptions {
  /** For tests, which have no public address. */
  readonly isAllowed?: (address: string) => boolean
  readonly isUrl?: (url: string) => boolean
  readonly connection?: Pick<RequestOptions, 'ca'>
  readonly resolve?: typeof resolve
}

export const calendarFeedsHttps = (options: FeedOptions = {}): CalendarFeeds => ({
  async fetch(url, etag) {
    const signal = AbortSignal.timeout(timeoutMs)
    let next = url
    for (let redirects = 0; redirects <= mostRedirects; redirects += 1) {
      const answer = await get(next, etag, signal, options)
      if (!('location' in answer)) return answer
      next = URL.parse(answer.location, next)?.href ?? ''
    }
    return failed('status')
  },
})

const failed = (why: Extract<FeedAnswer, { outcome: 'failed' }>['why']): FeedAnswer => ({
  outcome: 'failed',
  why,
})

class AddressRefused extends Error {
  override readonly name = 'AddressRefused'
  readonly code = 'ADDRESS_REFUSED'
}

function get(
  url: string,
  etag: string | null,
  signal: AbortSignal,
  { isAllowed = isPublicAddress, isUrl = isCalendarUrl, connection, ...more }: FeedOptions,
): Promise<FeedAnswer | { readonly location: string }> {
  if (!isUrl(url)) return Promise.resolve(failed('address'))
  const { promise, resolve: done } = Promise.withResolvers<FeedAnswer | { location: string }>()
  const headers = {
    accept: 'text/calendar, text/plain;q=0.5',
    'accept-encoding': 'identity',
    'user-agent': 'smart-door',
    ...(etag !== null && { 'if-none-match': etag }),
  }
  const lookup = checkedLookup(isAllowed, more.resolve ?? resolve)
  const asked = request(url, { ...connection, headers, signal, lookup, agent: false }, (answer) => {
    const { statusCode = 0, headers: given } = answer
    const end = (found: FeedAnswer | { location: string }) => {
      answer.destroy()
      done(found)
    }
    if (statusCode === 304) return end({ outcome: 'not-modified' })
    if ([301, 302, 303, 307, 308].includes(statusCode))
      return end({ location: given.location ?? '' })
    if (statusCode !== 200) return end(failed('status'))
    const chunks: Buffer[] = []
    let bytes = 0
    answer.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      chunks.push(chunk)
      if (bytes > mostBytes) end(failed('too-large'))
    })
    answer.on('error', () => done(failed('unreachable')))
    answer.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8')
      done({ outcome: 'fetched', text, etag: given.etag?.slice(0, 200) ?? null })
    })
  })
  asked.on('error', (error) =>
    done(failed(error instanceof AddressRefused ? 'address' : 'unreachable')),
  )
  asked.end()
  return promise
}

/** Node asks this for every name, and connects to nothing else. */
function checkedLookup(
  isAllowed: (address: string) => boolean,
  resolver: typeof resolve,
): LookupFunction {
  return (hostname, options, callback) => {
    resolver(hostname, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, '', 4)
      const isGood = found.length > 0 && found.every(({ address }) => isAllowed(address))
      if (!isGood) return callback(new AddressRefused('Not a public address.'), '', 4)
      if (options.all) return callback(null, found)
      const [first] = found
      return callback(null, first?.address ?? '', isIP(first?.address ?? ''))
    })
  }
}
