/** Sets the mode of a door, with or without an end. Its outcome is shown as that of other commands. */
import * as z from 'zod/mini'
import { settableModes } from '../../../../protocol/messages/cloud.ts'
import { hexId, type WebDeps } from '../../../api/shared.ts'
import { mayAct } from '../../../members/core/household.ts'
import {
  type ConsoleRoute,
  formOf,
  get,
  goTo,
  type Here,
  invalidIn,
  notFoundIn,
  post,
} from '../console.ts'
import { noticePage } from '../frame.ts'
import { doorIn, notSupported, outcome, sendFresh } from './command.ts'
import { hoursOffered } from './mode-view.ts'

const kind = { name: 'mode', answer: 'modeAnswer', role: 'member' } as const

export const modeRoutes = (deps: WebDeps): readonly ConsoleRoute[] => [
  post('/doors/:id/mode', kind.role, (here) => change(deps, here)),
  get('/doors/:id/mode/:nonce', kind.role, (here) => outcome(deps, here, kind)),
]

const formSchema = z.strictObject({
  nonce: hexId,
  mode: z.enum(settableModes),
  hours: z.enum(hoursOffered),
})
const hourMs = 3_600_000

async function change(deps: WebDeps, here: Here) {
  const door = doorIn(here)
  if (!door) return notFoundIn(here)
  const form = await formOf(here, formSchema)
  if (!form) return invalidIn(here)
  const { nonce, mode, hours } = form
  // It lets everyone in, so it is for owners.
  if (mode === 'passage' && !mayAct(here.role, 'owner')) {
    return here.context.html(noticePage(here.language, 'ownersOnly'), 403)
  }
  const untilMs = hours === 'open' ? null : deps.clock.nowMs() + Number(hours) * hourMs
  const sent = await sendFresh(deps, here, door, {
    nonce,
    bodyFor: (fresh) => ({ type: 'set-mode', ...fresh, mode, untilMs }),
  })
  if (!sent.isSupported) return notSupported(here, door)
  return goTo(here, `/doors/${door.doorId}/mode/${nonce}?sent=${sent.atMs}`)
}
