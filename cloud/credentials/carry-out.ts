/** Sends what a member asked to be sent, once for each order. */
import { type AlarmDeps, notifyOwner } from '../doors/owner-alarms.ts'
import { doOnce } from '../idempotency.ts'
import type { DeliveryOrder, Uses } from '../ports.ts'
import { type DeliverDeps, type Delivered, deliverCredential } from './deliver-credential.ts'
import { sendPinLink } from './pin-links.ts'

type Deps = AlarmDeps & DeliverDeps & Uses<'credentials' | 'webOrigin'>

export const carryOut = (deps: Deps, order: DeliveryOrder): Promise<void> =>
  doOnce(deps, `deliver#${order.orderId}`, async () => {
    const { household, orderId } = order
    const delivered = await deliver(deps, order)
    const home = await deps.household(household)
    const doorId = order.credential?.doorId ?? home?.doors[0]?.doorId
    deps.log.info({ doorId, way: order.way, delivered }, 'code or link delivered')
    // The queue delivers the order again.
    if (delivered === 'failed') throw new DeliveryFault('A code or link was not sent.')
    if (delivered === 'sent' || doorId === undefined) return
    await notifyOwner(deps, { household, doorId }, `deliver-${orderId}`, 'text-not-sent')
  })

class DeliveryFault extends Error {
  override readonly name = 'DeliveryFault'
  readonly code = 'NOT_DELIVERED'
}

async function deliver(
  deps: Deps,
  { household, visitorId, way, credential: ref }: DeliveryOrder,
): Promise<Delivered> {
  if (ref) {
    const credential = await deps.credentials.find({ household, ...ref })
    return credential ? deliverCredential(deps, credential, way) : 'not-at-door'
  }
  const [home, visitor] = await Promise.all([
    deps.household(household),
    deps.visitors.find(household, visitorId),
  ])
  return home && visitor && !visitor.blocked ? sendPinLink(deps, home, visitor, way) : 'no-address'
}
