/** What an owner may do with the credentials of a door, through the console or tools of their own. */
import type { PinCounts } from '../../protocol/guessing.ts'
import type { DoorRef } from '../doors/core/door-ref.ts'
import type { DoorState } from '../doors/core/door-state.ts'
import type { Way } from '../passcodes/core/grant.ts'
import type { Uses, VisitRef } from '../ports.ts'
import type { Visitor } from '../visitors/core/visitor.ts'
import { changeTerms, endedBy, sendAgain, withdraw } from './change-credential.ts'
import { codeOf } from './codes.ts'
import {
  type CredentialRef,
  type DeliveryState,
  deliveryOf,
  endOf,
  isChosen,
  isLive,
  type Purpose,
  publicNameOf,
  type StandingCredential,
  type Terms,
} from './core/credential.ts'
import { pinCounts } from './core/pin.ts'
import { type TermsFlaw, termsFlaw } from './core/terms-check.ts'
import { setPinByLink } from './pin-links.ts'
import {
  makeCode,
  type NewCredential,
  type SetDeps,
  type SetOutcome,
  setPin,
} from './set-credential.ts'

type Deps = SetDeps & Uses<'doorStates' | 'visitors' | 'delayedQueue'>

export type CredentialCommands = ReturnType<typeof credentialCommands>

export const credentialCommands = (deps: Deps) => ({
  ofDoor: (door: DoorRef) => ofDoor(deps, door),
  counts: async (door: DoorRef): Promise<PinCounts> =>
    pinCounts(await deps.credentials.ofDoor(door), deps.clock.nowMs()),
  set: (asked: AskedCredential) => set(deps, asked),
  changeTerms: (ref: CredentialRef, terms: Terms) => change(deps, ref, terms),
  withdraw: (ref: CredentialRef) => withdraw(deps, ref, { why: 'an owner withdrew it' }),
  sendAgain: (ref: CredentialRef) => sendAgain(deps, ref),
  /** Null for a PIN, which only its holder knows. */
  codeOf: (credential: StandingCredential) => codeOf(deps, credential),
  /** Another function sends it. False for a code that the door does not have. */
  async deliver(credential: StandingCredential, way: Way): Promise<boolean> {
    const { household, visitorId, doorId, grantId, storedAtMs } = credential
    if (storedAtMs === null || !isLive(credential, deps.clock.nowMs())) return false
    const order = { orderId: deps.newId(), household, visitorId, way }
    await deps.delayedQueue.deliver({ ...order, credential: { doorId, grantId } })
    return true
  },
  sendPinLink: ({ household, visitorId }: Visitor, way: Way) =>
    deps.delayedQueue.deliver({
      ...{ orderId: deps.newId(), household, visitorId, way, credential: null },
    }),
  isDuress: (visit: VisitRef) => deps.credentials.isDuress(visit),
  holders: (household: string) => holders(deps, household),
  setPinByLink: (token: string, pin: string) => setPinByLink(deps, token, pin),
})

// ---------------------------------------------------------------- looking

export interface ShownCredential {
  readonly credential: StandingCredential
  readonly delivery: DeliveryState
  readonly endsAtMs: number | null
}

export interface CredentialsOfDoor {
  /** Newest first. */
  readonly credentials: readonly ShownCredential[]
  /** The last report of the door. */
  readonly heardAtMs: number | null
}

async function ofDoor(deps: Deps, door: DoorRef): Promise<CredentialsOfDoor> {
  const [all, introduction, state] = await Promise.all([
    deps.credentials.ofDoor(door),
    deps.introductions.find(door),
    deps.doorStates.find(door),
  ])
  const isSupported = introduction?.capabilities.includes('credential:standing') ?? false
  const nowMs = deps.clock.nowMs()
  return {
    credentials: all
      .map((credential) => ({
        credential,
        delivery: deliveryOf(credential, nowMs, isSupported),
        endsAtMs: endOf(credential),
      }))
      .toSorted((one, other) => other.credential.createdAtMs - one.credential.createdAtMs),
    heardAtMs: heardAtMs(state),
  }
}

/** By the id that visits know them by. */
async function holders(
  deps: Deps,
  household: string,
): Promise<readonly (readonly [string, { readonly name: string }])[]> {
  const doors = (await deps.household(household))?.doors ?? []
  const all = await Promise.all(
    doors.map(({ doorId }) => deps.credentials.ofDoor({ household, doorId })),
  )
  const named = all.flat().filter(({ name }) => name !== '')
  return named.map((one) => [one.visitorId, { name: publicNameOf(one) }] as const)
}

const heardAtMs = ({ heard }: DoorState): number | null => heard?.atMs ?? null

// ---------------------------------------------------------------- setting

export type AskedCredential =
  | (NewCredential & { readonly purpose: 'pin' | 'duress'; readonly pin: string })
  | (NewCredential & { readonly purpose: 'guest' | 'courier' })

export type AskedOutcome =
  | SetOutcome
  | { readonly outcome: 'unfit-terms'; readonly flaw: TermsFlaw }

async function set(deps: Deps, given: AskedCredential): Promise<AskedOutcome> {
  const holder = await deps.visitors.find(given.door.household, given.holder.visitorId)
  const validity = endedBy(given.validity, holder?.welcomeUntilMs ?? null)
  const asked: AskedCredential = { ...given, validity }
  const flaw = termsFlaw(asked.purpose, asked, deps.clock.nowMs())
  if (flaw) return { outcome: 'unfit-terms', flaw }
  return isForPin(asked) ? setPin(deps, asked, asked.pin) : makeCode(deps, asked)
}

const isForPin = (asked: AskedCredential): asked is Extract<AskedCredential, { pin: string }> =>
  isChosen(asked.purpose)

type Changed = Exclude<Awaited<ReturnType<typeof changeTerms>>, null>

async function change(
  deps: Deps,
  ref: CredentialRef,
  terms: Terms,
): Promise<
  | { readonly outcome: Changed }
  | { readonly outcome: 'unfit-terms'; readonly flaw: TermsFlaw }
  | null
> {
  const purpose: Purpose | undefined = (await deps.credentials.find(ref))?.purpose
  const flaw = purpose && termsFlaw(purpose, terms, deps.clock.nowMs())
  if (flaw) return { outcome: 'unfit-terms', flaw }
  const outcome = await changeTerms(deps, ref, terms)
  return outcome && { outcome }
}
