/** Every failure of Kinesis Video and the network, and the reaction to each, in one table. */

export type Failure =
  | { readonly kind: 'ack'; readonly errorId: number | null }
  | { readonly kind: 'http'; readonly status: number; readonly code: string | null }
  /** Such as refused, reset, not found or not trusted, with Node's code. */
  | { readonly kind: 'network'; readonly code: string }
  /** For too long nothing was accepted, or nothing was answered. */
  | { readonly kind: 'silence' }
  /** The response ended before the request. */
  | { readonly kind: 'ended-early' }
  | { readonly kind: 'no-credentials' }

export interface Reaction {
  /**
   * Where sending continues: after the last `received` fragment when the service is known to have
   * it; with the first that is not `persisted` when this is unknown.
   */
  readonly resendAfter: 'received' | 'persisted'
  /** `no` where waiting changes nothing; `long` where only the owner can fix it. */
  readonly rest: 'no' | 'growing' | 'long'
  /** The fragment is dropped after causing it this often; `null` when it is not the cause. */
  readonly tries: number | null
  readonly askEndpoint: boolean
  readonly renewCredentials: boolean
  /** Only the owner can fix it. */
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
/** The fragment would always be refused, and must not block those after it. */
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
  // A new connection starts a new comparison, so it often succeeds.
  [4004, { name: 'FRAGMENT_TIMECODE_LESSER_THAN_PREVIOUS', reaction: fragmentAtFault(3) }],
  [4005, { name: 'MORE_THAN_ALLOWED_TRACKS_FOUND', reaction: fragmentAtFault(2) }],
  // A transmission error is unlikely to happen twice.
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

/** An error with an unknown number: the state of the sent fragments is unknown. */
export const unknownAckError: NamedReaction = { name: 'UNKNOWN', reaction: unknowable }

const credentialsRefused: Reaction = { ...lasting, renewCredentials: true }
const wrongEndpoint: Reaction = { ...lasting, askEndpoint: true }
const ownersSetting: Reaction = { ...lasting, rest: 'long', ownersBusiness: true }

/** By the code in the response, which says more than its status. */
export const httpErrors: ReadonlyMap<string, Reaction> = new Map([
  ['ClientLimitExceededException', lasting],
  // The previous connection is still counted for a short time.
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
    // The endpoint may have moved, and what was being sent may be lost.
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
  // Of the other statuses these mean that the service has a temporary problem.
  (status >= 500 || status === 429 || status === 408 ? lasting : ownersSetting)
