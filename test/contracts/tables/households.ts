/** What every keeper of households must do, whatever it is made of. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Member } from '../../../cloud/members/core/household.ts'
import type { Households } from '../../../cloud/ports.ts'
import { householdNamed, newHousehold, newId, nowMs, times } from './examples.ts'

export interface HouseholdsBench {
  readonly households: Households
  end(): Promise<void>
}

export function householdsContract(name: string, make: () => Promise<HouseholdsBench>): void {
  describe(`households in ${name}`, () => {
    let bench: HouseholdsBench
    let households: Households
    beforeAll(async () => {
      bench = await make()
      households = bench.households
    })
    afterAll(() => bench.end())

    const memberOf = (household: string): Member => ({
      ...{ household, memberId: newId(), email: 'owner@example.test' },
      ...{ role: 'owner', joinedAtMs: nowMs },
    })

    test('gives back what was put in last', async () => {
      const household = newHousehold()
      expect(await households.find(household)).toBeNull()
      await households.change(household, () => householdNamed(household))
      expect(await households.find(household)).toEqual(householdNamed(household))
      const moved = { ...householdNamed(household), name: 'Elm Street', doors: [] }
      await households.change(household, () => moved)
      expect(await households.find(household)).toEqual(moved)
    })

    test('gives each change of a door’s settings a revision of its own, and loses none', async () => {
      const household = newHousehold()
      const stored = householdNamed(household)
      const [front] = stored.doors
      if (!front) throw new Error('An example has a door.')
      const back = { ...front, doorId: `${household}_back`, revision: 7 }
      await households.change(household, () => ({ ...stored, doors: [front, back] }))
      const holds = times(12, (nth) => 1_000 * (nth + 1))
      const revisions = await Promise.all(
        holds.map((unlockHoldMs) =>
          households.changeSettings(
            { household, doorId: front.doorId },
            { ...front.settings, unlockHoldMs },
          ),
        ),
      )
      await households.changeSettings(
        { household, doorId: back.doorId },
        { ...back.settings, passcodeDigits: 8 },
      )
      expect(revisions.toSorted((a, b) => Number(a) - Number(b))).toEqual(
        holds.map((_, nth) => front.revision + 1 + nth),
      )
      const last = Math.max(...revisions.map(Number))
      const unlockHoldMs = holds[revisions.indexOf(last)]
      expect(await households.find(household)).toEqual({
        ...stored,
        doors: [
          { ...front, revision: last, settings: { ...front.settings, unlockHoldMs } },
          { ...back, revision: 8, settings: { ...back.settings, passcodeDigits: 8 } },
        ],
      })
    })

    test('changes settings of no door that is not there', async () => {
      const household = newHousehold()
      const [front] = householdNamed(household).doors
      if (!front) throw new Error('An example has a door.')
      const { settings } = front
      expect(
        await households.changeSettings({ household, doorId: front.doorId }, settings),
      ).toBeNull()
      await households.change(household, () => householdNamed(household))
      const nowhere = { household, doorId: `${household}_cellar` }
      expect(await households.changeSettings(nowhere, settings)).toBeNull()
      expect(await households.find(household)).toEqual(householdNamed(household))
    })

    test('lists all of them, and nothing else', async () => {
      const names = times(5, newHousehold)
      for (const name of names) await households.change(name, () => householdNamed(name))
      const onlyMember = memberOf(newHousehold())
      await households.addMember(onlyMember)
      // An index may lag behind.
      await expect.poll(async () => await households.list()).toEqual(expect.arrayContaining(names))
      expect(await households.list()).not.toContain(onlyMember.household)
    })

    test('lets a person join once', async () => {
      const member = memberOf(newHousehold())
      expect(await households.member(member.household, member.memberId)).toBeNull()
      await households.addMember(member)
      await households.addMember({ ...member, role: 'member', joinedAtMs: nowMs + 1 })
      expect(await households.member(member.household, member.memberId)).toEqual(member)
    })

    test('knows a member in their own household only', async () => {
      const member = memberOf(newHousehold())
      await households.addMember(member)
      expect(await households.member(newHousehold(), member.memberId)).toBeNull()
      expect(await households.find(member.household)).toBeNull()
    })

    test('remembers a session that has ended, in its own household only', async () => {
      const household = newHousehold()
      expect(await households.hasEnded(household, 'session')).toBe(false)
      await households.endSession(household, 'session', nowMs)
      await households.endSession(household, 'session', nowMs)
      expect(await households.hasEnded(household, 'session')).toBe(true)
      expect(await households.hasEnded(household, 'other')).toBe(false)
      expect(await households.hasEnded(newHousehold(), 'session')).toBe(false)
    })
  })
}
