/** What the web needs. It knows paths, headers and pages; what follows from a request is not here. */
import type { CloudBody, Settings } from '../../protocol/messages/cloud.ts'
import type { Language } from '../../protocol/messages/shared.ts'
import type {
  AskedDecision,
  Asker,
  CodeNews,
  DecisionOutcome,
  EditOutcome,
  ShownRequest,
  VisitorEdit,
} from '../approvals/core/answer.ts'
import type { DoorRef } from '../doors/core/door-ref.ts'
import type {
  Clips,
  Clock,
  Households,
  Log,
  Photos,
  Recordings,
  SignIns,
  Visitors,
  Visits,
} from '../ports.ts'

export interface WebDeps {
  /** As in `https://door.example`: the only page that may post here. */
  readonly webOrigin: string
  readonly approvals: Approvals
  readonly owners: OwnersWishes
  readonly signIns: SignIns
  readonly households: Households
  readonly visitors: Visitors
  readonly visits: Visits
  readonly photos: Photos
  readonly recordings: Recordings
  readonly clips: Clips
  readonly clock: Clock
  readonly log: Log
  /** 128 random bits in hex. */
  readonly newId: () => string
}

export interface Approvals {
  show(id: string, asker: Asker, language: Language): Promise<ShownRequest | null>
  decide(asked: AskedDecision): Promise<DecisionOutcome>
}

/** What a signed-in owner may ask for. Null wherever it is not about their own household. */
export interface OwnersWishes {
  sendCode(door: DoorRef, visitorId: string): Promise<CodeNews | null>
  /** Whether the door would accept this code just now. Nothing changes. */
  wouldAccept(door: DoorRef, code: string): Promise<boolean>
  editVisitor(household: string, visitorId: string, edit: VisitorEdit): Promise<EditOutcome | null>
  changeSettings(door: DoorRef, settings: Settings): Promise<{ readonly revision: number } | null>
  command(doorId: string, body: CloudBody): Promise<void>
}
