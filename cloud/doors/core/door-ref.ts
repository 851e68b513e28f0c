/**
 * Which household a door belongs to is part of the door's own name, `maple-street_front`. The name
 * is also the thing name that a door's certificate is bound to, so no door can speak, and nothing
 * can be stored or asked, for a household that is not its own.
 */
export interface DoorRef {
  readonly household: string
  readonly doorId: string
}

const part = /^[a-z0-9](?:[a-z0-9-]{0,28}[a-z0-9])?$/

export function doorRef(doorId: string): DoorRef | null {
  const [household = '', door = '', ...more] = doorId.split('_')
  return more.length === 0 && part.test(household) && part.test(door) ? { household, doorId } : null
}

export const isHousehold = (text: string): boolean => part.test(text)
