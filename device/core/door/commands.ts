/** What the cloud may send to a door, and what the door does about it. */
import type { CloudMessage } from '../../../protocol/messages/cloud.ts'
import type { StoredGrant, StoredVisitor } from '../credentials/grant.ts'
import { localHolderId } from '../credentials/local-holder.ts'
import type { SheetFacts } from '../credentials/sheet.ts'
import { cloudAnswered } from './clock.ts'
import { withState } from './cloud-session.ts'
import { withSeq } from './freshness.ts'
import {
  isHeld,
  isNewer,
  type OfferFacts,
  revoke,
  revokeAll,
  storeVisitor,
  takeOffers,
} from './grants.ts'
import { decideFreshCommand } from './requests.ts'
import { type Decision, type DoorState, decision, type EventContext, followedBy } from './state.ts'
import { withSeen, withStatus } from './visit.ts'

/** What the store knows about the things that a command names. */
export interface CommandFacts {
  readonly offers: readonly OfferFacts[]
  /** The grant that it revokes. */
  readonly grant: StoredGrant | null
  /** The visitors that it changes or removes, if the door knows them. */
  readonly visitors: readonly StoredVisitor[]
  /** Grants not closed yet and not expired, by the door's time or by that in the command. */
  readonly open: readonly StoredGrant[]
  /** Null unless it brings a break-glass sheet. */
  readonly sheet: SheetFacts | null
}

/** A message that is delivered again must not fill the log again. */
const commandsRemembered = 256

export function decideCommand(
  before: DoorState,
  command: CloudMessage,
  facts: CommandFacts,
  context: EventContext,
): Decision {
  if (before.recentCommands.includes(command.id)) return decision(before)
  const state = {
    ...before,
    commands: withSeq(before.commands, command.seq),
    recentCommands: [...before.recentCommands, command.id].slice(-commandsRemembered),
  }
  switch (command.type) {
    case 'grant':
      return takeOffers(state, command.seq, facts.offers, context)
    case 'revoke-grant':
      return revoke(state, command, facts.grant, context)
    case 'visit-status':
      return decision({
        ...state,
        visits: withStatus(state.visits, command.visitId, command.status),
      })
    case 'unlock':
    case 'lift-pause':
    case 'watch-live':
    case 'new-sheet':
    case 'set-mode':
      return decideFreshCommand(state, command, facts, context)
    case 'time':
      return cloudAnswered(state, command, facts.open, context)
    case 'settings':
      return applySettings(state, command)
    case 'visitor-changed':
      return changeVisitor(state, command, facts.visitors)
    case 'visitor-removed':
      return removeVisitors(
        state,
        { visitorIds: [command.visitorId], seq: command.seq },
        facts,
        context,
      )
    case 'visitor-seen':
      return decision({ ...state, seen: withSeen(state.visits, state.seen, command) })
    case 'state':
      return wholeState(state, command, facts, context)
    default:
      return command satisfies never
  }
}

type CommandOf<T extends CloudMessage['type']> = Extract<CloudMessage, { type: T }>

// ---------------------------------------------------------------- settings and visitors

function applySettings(
  state: DoorState,
  { revision, settings }: Pick<CommandOf<'settings'>, 'revision' | 'settings'>,
): Decision {
  if (revision <= state.settings.revision) return decision(state)
  return decision(
    { ...state, settings: { revision, settings } },
    { record: [{ type: 'settings-applied', revision }] },
  )
}

function changeVisitor(
  state: DoorState,
  { visitorId, name, language, seq }: CommandOf<'visitor-changed'>,
  [visitor]: readonly StoredVisitor[],
): Decision {
  if (!isNewer(seq, visitor)) return decision(state)
  return decision(state, {
    record: [{ type: 'visitor-updated', visitorId }],
    changes: [storeVisitor(visitorId, { name, language }, seq)],
  })
}

/** Revokes the codes of deleted visitors too. */
function removeVisitors(
  state: DoorState,
  { visitorIds, seq }: { readonly visitorIds: readonly string[]; readonly seq: number },
  facts: CommandFacts,
  context: EventContext,
): Decision {
  const removeOne = (before: DoorState, visitorId: string): Decision => {
    const visitor = facts.visitors.find((one) => one.visitorId === visitorId)
    const theirs = facts.open.filter(
      (grant) => grant.visitorId === visitorId && grant.commandSeq < seq,
    )
    // Even if the visitor was added again since: their older grants are revoked.
    const revoked = revokeAll(before, theirs, 'visitor removed', context)
    if (!isNewer(seq, visitor)) return revoked
    return followedBy(revoked, (next) =>
      decision(next, {
        record: [{ type: 'visitor-forgotten', visitorId, grantsRevoked: theirs.length }],
        changes: [storeVisitor(visitorId, null, seq)],
      }),
    )
  }
  return visitorIds.reduce(
    (done, visitorId) => followedBy(done, (next) => removeOne(next, visitorId)),
    decision(state),
  )
}

// ---------------------------------------------------------------- the whole state

/** After this the door holds what the cloud listed, and what later commands have changed. */
function wholeState(
  state: DoorState,
  command: CommandOf<'state'>,
  facts: CommandFacts,
  context: EventContext,
): Decision {
  const isFirst = state.link.asked?.ask === command.answers
  const listed = new Set(command.credentials.map(({ grantId }) => grantId))
  const steps: readonly ((state: DoorState, facts: CommandFacts) => Decision)[] = [
    (next, left) => cloudAnswered(next, command, left.open, context),
    (next, left) =>
      removeVisitors(
        next,
        { visitorIds: command.removedVisitors, seq: command.seq },
        left,
        context,
      ),
    (next, left) => {
      const missing = left.open.filter(
        (grant) =>
          isOnPage(grant, command.page) &&
          !listed.has(grant.grantId) &&
          grant.commandSeq < command.seq &&
          !isMadeHere(grant),
      )
      return revokeAll(next, missing, 'not in the list of good grants', context)
    },
    (next, { offers }) => {
      const news = offers.filter((offer) => !isHeld(offer, command.seq))
      return takeOffers(next, command.seq, news, context)
    },
    (next) => (command.settings ? applySettings(next, command.settings) : decision(next)),
    (next) => decision(withState(next, command, isFirst)),
  ]
  return steps.reduce(
    (done, step) => followedBy(done, (next) => step(next, withoutClosed(facts, done))),
    decision(state),
  )
}

/** The cloud does not list what was made at the door. */
const isMadeHere = ({ visitorId, standing }: StoredGrant): boolean =>
  visitorId === localHolderId || standing?.terms.kind === 'break-glass'

const isOnPage = ({ grantId }: StoredGrant, page: CommandOf<'state'>['page']): boolean =>
  !page || (grantId >= page.from && (page.before === null || grantId < page.before))

/** What one step has closed, the next must not close again. */
function withoutClosed(facts: CommandFacts, { changes }: Decision): CommandFacts {
  const closed = new Set(
    changes.flatMap((change) => (change.kind === 'close-grant' ? change.grantId : [])),
  )
  return { ...facts, open: facts.open.filter(({ grantId }) => !closed.has(grantId)) }
}
