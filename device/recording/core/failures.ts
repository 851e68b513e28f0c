/**
 * Everything that Kinesis Video and the way to it can do wrong, and what is done about each: one
 * table, so that no error is met by chance.
 */

export type Failure =
  | { readonly kind: 'ack'; readonly errorId: number | null }
  | { readonly kind: 'http'; readonly status: number; readonly code: string | null }
  /** Refused, reset, not found, not trusted: the code is Node's. */
  | { readonly kind: 'network'; readonly code: string }
  /** Nothing was taken from us, or nothing answered, for too long. */
  | { readonly kind: 'silence' }
  /** The answer ended although we were still sending. */
  | { readonly kind: 'ended-early' }
  | { readonly kind: 'no-credentials' }

export interface Reaction {
  /**
   * Where sending goes on. After `received` where the service is known to be alive and to have what
   * it said it had; from the first that is not `persisted` where nobody can know.
   */
  readonly resendAfter: 'received' | 'persisted'
  /** `no` rest where waiting changes nothing; `long` where only a person can mend it. */
  readonly rest: 'no' | 'growing' | 'long'
  /** How often the fragment that the error speaks of may cause it; `null` when it is not to blame. */
  readonly tries: number | null
  readonly askEndpoint: boolean
  readonly renewCredentials: boolean
  /** Whether the owner has something to mend, rather than time. */
  readonly ownersBusiness: boolean
}

const lasting: Reaction = {
  resendAfter: 'received',
  rest: 'growing',
  tries: null,
  askEndpoint: false,
  renewCredentials: false,
  ownersBusiness: false,
}
const unknowable: Reaction = { ...lasting, resendAfter: 'persisted' }
/** It would be refused for ever; everything behind it should not wait for it. */
const fragmentAtFault = (tries: number): Reaction => ({ ...lasting, rest: 'no', tries })
const ownersKey: Reaction = { ...unknowable, rest: 'long', ownersBusiness: true }
const streamGone: Reaction = { ...ownersKey, askEndpoint: true }

interface NamedReaction {
  readonly name: string
  readonly reaction: Reaction
}

/** By the number in the acknowledgement. */
export const ackErrors: ReadonlyMap<number, NamedReaction> = new Map([
  [4000, { name: 'STREAM_READ_ERROR', reaction: lasting }],
  [4001, { name: 'MAX_FRAGMENT_SIZE_REACHED', reaction: fragmentAtFault(1) }],
  [4002, { name: 'MAX_FRAGMENT_DURATION_REACHED', reaction: fragmentAtFault(1) }],
  [4003, { name: 'MAX_CONNECTION_DURATION_REACHED', reaction: { ...lasting, rest: 'no' } }],
  // A new connection compares anew, so the first refusal may well be the last.
  [4004, { name: 'FRAGMENT_TIMECODE_LESSER_THAN_PREVIOUS', reaction: fragmentAtFault(3) }],
  [4005, { name: 'MORE_THAN_ALLOWED_TRACKS_FOUND (until 2018)', reaction: fragmentAtFault(2) }],
  // Bytes may have been garbled underway once, hardly twice.
  [4006, { name: 'INVALID_MKV_DATA', reaction: fragmentAtFault(2) }],
  [
    4007,
    { name: 'INVALID_PRODUCER_TIMESTAMP', reaction: { ...fragmentAtFault(3), rest: 'growing' } },
  ],
  [4008, { name: 'STREAM_NOT_ACTIVE', reaction: streamGone }],
  [4009, { name: 'FRAGMENT_METADATA_LIMIT_REACHED', reaction: fragmentAtFault(1) }],
  [4010, { name: 'TRACK_NUMBER_MISMATCH', reaction: fragmentAtFault(2) }],
  [4011, { name: 'FRAMES_MISSING_FOR_TRACK', reaction: fragmentAtFault(2) }],
  [4012, { name: 'MORE_THAN_ALLOWED_TRACKS_FOUND', reaction: fragmentAtFault(2) }],
  [4500, { name: 'KMS_KEY_ACCESS_DENIED', reaction: ownersKey }],
  [4501, { name: 'KMS_KEY_DISABLED', reaction: ownersKey }],
  [4502, { name: 'KMS_KEY_VALIDATION_ERROR', reaction: ownersKey }],
  [4503, { name: 'KMS_KEY_UNAVAILABLE', reaction: unknowable }],
  [4504, { name: 'KMS_KEY_INVALID_USAGE', reaction: ownersKey }],
  [4505, { name: 'KMS_KEY_INVALID_STATE', reaction: ownersKey }],
  [4506, { name: 'KMS_KEY_NOT_FOUND', reaction: ownersKey }],
  [4507, { name: 'STREAM_DELETED', reaction: streamGone }],
  [5000, { name: 'INTERNAL_ERROR', reaction: unknowable }],
  [5001, { name: 'ARCHIVAL_ERROR', reaction: unknowable }],
])

/** An error without a number that is known: nothing can be said of what became of anything. */
export const unknownAckError: NamedReaction = { name: 'UNKNOWN', reaction: unknowable }

const credentialsRefused: Reaction = { ...lasting, renewCredentials: true }
const wrongEndpoint: Reaction = { ...lasting, askEndpoint: true }
const ownersSetting: Reaction = { ...lasting, rest: 'long', ownersBusiness: true }

/** By the word in the answer, which says more than its number. */
export const httpErrors: ReadonlyMap<string, Reaction> = new Map([
  ['ClientLimitExceededException', lasting],
  // The connection before this one is still counted; it will not be for long.
  ['ConnectionLimitExceededException', lasting],
  ['InvalidEndpointException', wrongEndpoint],
  ['InvalidArgumentException', ownersSetting],
  ['NotAuthorizedException', credentialsRefused],
  ['AccessDeniedException', { ...credentialsRefused, rest: 'long', ownersBusiness: true }],
  ['ExpiredTokenException', { ...credentialsRefused, rest: 'no' }],
  ['UnrecognizedClientException', credentialsRefused],
  ['InvalidSignatureException', credentialsRefused],
  ['ResourceNotFoundException', { ...ownersSetting, askEndpoint: true }],
])

const httpStatuses: ReadonlyMap<number, Reaction> = new Map([
  [400, ownersSetting],
  [401, credentialsRefused],
  [403, credentialsRefused],
  [404, { ...ownersSetting, askEndpoint: true }],
])

export function reactionTo(failure: Failure): Reaction {
  switch (failure.kind) {
    case 'ack':
      return (ackErrors.get(failure.errorId ?? 0) ?? unknownAckError).reaction
    case 'http':
      return reactionToStatus(failure.status, failure.code)
    // The name may lead elsewhere by now, and what was on its way may have been lost.
    case 'network':
      return { ...unknowable, askEndpoint: true }
    case 'silence':
    case 'ended-early':
      return unknowable
    case 'no-credentials':
      return { ...lasting, renewCredentials: true }
  }
}

const reactionToStatus = (status: number, code: string | null): Reaction =>
  httpErrors.get(code ?? '') ??
  httpStatuses.get(status) ??
  // Anything else the service says it is not to blame for, or only at the moment.
  (status >= 500 || status === 429 || status === 408 ? lasting : ownersSetting)

/** For a log: whatever the world said is not repeated, only what we know it by. */
export function nameOf(failure: Failure): string {
  switch (failure.kind) {
    case 'ack':
      return (ackErrors.get(failure.errorId ?? 0) ?? unknownAckError).name
    case 'http':
      return failure.code && httpErrors.has(failure.code) ? failure.code : `HTTP_${failure.status}`
    case 'network':
      return failure.code
    default:
      return failure.kind
  }
}
