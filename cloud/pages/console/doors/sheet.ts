/**
 * A new break-glass sheet: asks the door to store one, waits, and shows its codes to be printed. They
 * are derived from the door's key for this page and stored nowhere.
 */
import { hexId, type WebDeps } from '../../../api/shared.ts'
import { type ConsoleRoute, get, goTo, type Here, invalidIn, notFoundIn, post } from '../console.ts'
import { answeredWithinMs, doorIn, notSupported, reasonIn, send, sentAtMsIn } from './command.ts'
import { askForSheet, type Shown, sheetPage } from './sheet-view.ts'

export const sheetRoutes = (deps: WebDeps): readonly ConsoleRoute[] => [
  get('/doors/:id/sheet', 'owner', (here) => ask(deps, here)),
  post('/doors/:id/sheet', 'owner', (here) => start(deps, here)),
  get('/doors/:id/sheet/:nonce', 'owner', (here) => show(deps, here)),
]

async function ask(deps: WebDeps, here: Here) {
  const door = doorIn(here)
  if (!door) return notFoundIn(here)
  const { household } = here.home
  const { sheetLeft } = await deps.doorStates.find({ household, doorId: door.doorId })
  const left = sheetLeft?.value ?? 0
  return here.context.html(askForSheet(here, { door, left, nonce: deps.newId() }))
}

async function start(deps: WebDeps, here: Here) {
  const door = doorIn(here)
  if (!door) return notFoundIn(here)
  // The codes follow from the key of the door, so the id of the sheet need not be secret.
  const sent = await send(deps, here, door, (fresh) => ({
    ...{ type: 'new-sheet', sheetId: fresh.nonce, ...fresh },
  }))
  if (sent === null) return invalidIn(here)
  if (!sent.isSupported) return notSupported(here, door)
  return goTo(here, `/doors/${door.doorId}/sheet/${sent.nonce}?sent=${sent.atMs}`)
}

/** Afterwards an owner who needs it again prints a new one: a page that is left open ages. */
const shownForMs = 10 * 60_000

async function show(deps: WebDeps, here: Here) {
  const door = doorIn(here)
  const sheetId = hexId.safeParse(here.context.req.param('nonce')).data
  if (!door || sheetId === undefined) return notFoundIn(here)
  return here.context.html(sheetPage(here, door, await shown(deps, here, door.doorId, sheetId)))
}

async function shown(deps: WebDeps, here: Here, doorId: string, sheetId: string): Promise<Shown> {
  const { sheetAnswer } = await deps.doorStates.find({ household: here.home.household, doorId })
  const answer = sheetAnswer?.value.commandId === sheetId ? sheetAnswer : null
  const nowMs = deps.clock.nowMs()
  if (!answer) {
    const isOver = nowMs > sentAtMsIn(here) + answeredWithinMs
    return { now: isOver ? 'no-answer' : 'asked' }
  }
  const { value, atMs } = answer
  if (value.result !== 'accepted') {
    return { now: 'refused', reason: reasonIn(here.words, value.result) }
  }
  if (nowMs > atMs + shownForMs) return { now: 'over' }
  const codes = await deps.owners.sheetCodes(doorId, sheetId)
  return { now: 'stored', codes, madeAtMs: atMs }
}
