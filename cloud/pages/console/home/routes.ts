/** The first page: who waits, and each door of the household. */
import type { WebDeps } from '../../../api/shared.ts'
import { openRequests } from '../../../approvals/open-requests.ts'
import type { Door } from '../../../members/core/household.ts'
import type { Visit } from '../../../visits/core/visit.ts'
import { type ConsoleRoute, get, type Here } from '../console.ts'
import { type DoorCard, homePage } from './view.ts'

export const homeRoutes = (deps: WebDeps): readonly ConsoleRoute[] => [
  get('/', 'viewer', async (here) => here.context.html(await home(deps, here))),
]

/** Enough for the last visit of each door, unless one door has all of them. */
const lastVisits = 20

async function home(deps: WebDeps, here: Here) {
  const { household, doors } = here.home
  const [waiting, { visits }] = await Promise.all([
    openRequests(deps, household),
    deps.visits.history({ household, limit: lastVisits }),
  ])
  const cards = await Promise.all(doors.map((door) => card(deps, household, door, visits)))
  const nonces = { nonce: deps.newId(), liveNonce: deps.newId() }
  return homePage(here, { waiting, cards, nowMs: deps.clock.nowMs(), ...nonces })
}

async function card(
  deps: WebDeps,
  household: string,
  door: Door,
  visits: readonly Visit[],
): Promise<DoorCard> {
  const { doorId } = door
  const visit = visits.find((one) => one.doorId === doorId) ?? null
  const [state, snapshots] = await Promise.all([
    deps.doorStates.find({ household, doorId }),
    visit ? deps.photos.list(`snapshots/${doorId}/${visit.visitId}/`) : [],
  ])
  return {
    door,
    state,
    visit,
    snapshot:
      snapshots
        .map(({ key }) => key)
        .sort()
        .at(-1) ?? null,
  }
}
