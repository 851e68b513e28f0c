/** The live view: asks the door for it, waits for its video, and shows that for a few minutes. */
import * as z from 'zod/mini'
import { policyWith } from '../../../api/security-headers.ts'
import { hexId, type WebDeps } from '../../../api/shared.ts'
import { type ConsoleRoute, get, goTo, type Here, invalidIn, notFoundIn, post } from '../console.ts'
import { answeredWithinMs, doorIn, notSupported, reasonIn, send, sentAtMsIn } from './command.ts'
import { livePage, watchMs } from './live-view.ts'

export const liveRoutes = (deps: WebDeps): readonly ConsoleRoute[] => [
  get('/doors/:id/live', 'viewer', (here) => show(deps, here)),
  post('/doors/:id/live', 'viewer', (here) => start(deps, here)),
]

async function start(deps: WebDeps, here: Here) {
  const door = doorIn(here)
  if (!door) return notFoundIn(here)
  const sent = await send(deps, here, door, (fresh) => ({
    ...{ type: 'watch-live', forMs: watchMs, ...fresh },
  }))
  if (sent === null) return invalidIn(here)
  if (!sent.isSupported) return notSupported(here, door)
  return goTo(here, `/doors/${door.doorId}/live?command=${sent.nonce}&sent=${sent.atMs}`)
}

/** A camera that was off takes a moment until its first picture is in the cloud. */
const pictureWithinMs = answeredWithinMs + 10_000
const askAgainSeconds = '1'

const commandSchema = z.nullish(hexId)

async function show(deps: WebDeps, here: Here) {
  const { context, home } = here
  const door = doorIn(here)
  if (!door) return notFoundIn(here)
  const { doorId } = door
  const command = commandSchema.safeParse(context.req.query('command')).data ?? null
  const page = { door, nonce: deps.newId() }
  if (command === null) return context.html(livePage(here, { ...page, now: 'not-asked' }))
  const passedMs = deps.clock.nowMs() - sentAtMsIn(here)
  if (passedMs >= watchMs) return context.html(livePage(here, { ...page, now: 'ended' }))
  const { watchAnswer } = await deps.doorStates.find({ household: home.household, doorId })
  const answer = watchAnswer?.value.commandId === command ? watchAnswer.value.result : null
  if (answer !== null && answer !== 'accepted') {
    const reason = reasonIn(here.words, answer)
    return context.html(livePage(here, { ...page, now: 'refused', reason }))
  }
  const session = answer && (await deps.recordings.play({ streamName: doorId }))
  if (session) {
    const videoOrigin = new URL(session.url).origin
    context.header('content-security-policy', policyWith({ images: true, videoOrigin }))
    const forMs = watchMs - passedMs
    return context.html(livePage(here, { ...page, now: 'live', url: session.url, forMs }))
  }
  if (passedMs > pictureWithinMs) {
    return context.html(livePage(here, { ...page, now: 'no-picture' }))
  }
  // The whole page, because only then the policy of the page allows where the video comes from.
  context.header('refresh', askAgainSeconds)
  return context.html(livePage(here, { ...page, now: 'asked' }))
}
