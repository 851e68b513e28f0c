/** A one-time code as it is offered to its door. */
import { type Credential, oneTimeCredential } from '../../../protocol/messages/cloud.ts'
import type { Grant } from './grant.ts'

/** In holiday mode a door takes only what an owner allowed, not what recognition alone decided. */
export const offered = (grant: Grant): Credential =>
  oneTimeCredential({ ...grant, approved: !grant.why.startsWith('recognised') })
