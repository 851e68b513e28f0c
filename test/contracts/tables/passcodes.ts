/** What every store of one-time passcodes must do. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { codeLimits, type Grant, type LimitedBy } from '../../../cloud/passcodes/core/grant.ts'
import type { GrantRef, Passcodes, Visits } from '../../../cloud/ports.ts'
import { testProof } from '../../support/effort.ts'
import {
  hourMs,
  minuteMs,
  newDoor,
  newGrant,
  newHousehold,
  newId,
  newVisit,
  nowMs,
  tagOf,
  tally,
  times,
} from './examples.ts'

export interface PasscodesBench {
  readonly passcodes: Passcodes
  readonly visits: Visits
  end(): Promise<void>
}

const leaseMs = 20_000
const lifeMs = 5 * minuteMs
const issued = { outcome: 'issued' }
const limitedBy = (by: LimitedBy) => ({ outcome: 'limited', by })

const newAddress = (): string => `+1555${newId()}`

export const refTo = ({ household, doorId, grantId }: Grant, tag: string): GrantRef => ({
  ...{ household, doorId, grantId },
  tag,
})

export function passcodesContract(name: string, make: () => Promise<PasscodesBench>): void {
  describe(`passcodes in ${name}`, () => {
    let bench: PasscodesBench
    let passcodes: Passcodes
    beforeAll(async () => {
      bench = await make()
      passcodes = bench.passcodes
    })
    afterAll(() => bench.end())

    const issue = (grant: Grant, tag = tagOf(1), address = newAddress()) =>
      passcodes.issue(grant, tag, address)

    async function given(changes: Partial<Grant> = {}): Promise<{ grant: Grant; ref: GrantRef }> {
      const grant = newGrant(newDoor(), changes)
      expect(await issue(grant)).toEqual(issued)
      return { grant, ref: refTo(grant, tagOf(1)) }
    }

    const from = (atMs: number) => ({ notBeforeMs: atMs, expiresAtMs: atMs + lifeMs })

    describe('issuing', () => {
      test('stores the grant under its code', async () => {
        const { grant, ref } = await given({ visitId: newId() })
        expect(await passcodes.find(ref)).toEqual(grant)
        expect(await passcodes.find({ ...ref, tag: tagOf(2) })).toBeNull()
        expect(await passcodes.find({ ...ref, grantId: newId() })).toBeNull()
      })

      test.each([1, 8])(
        'gives each of %d codes to one of 40 at once',
        async (codes) => {
          const door = newDoor()
          const grants = times(40, (nth) => ({ grant: newGrant(door), tag: tagOf(nth % codes) }))
          const outcomes = tally(grants.map(({ grant, tag }) => issue(grant, tag)))
          expect(await outcomes).toEqual({ issued: codes, 'code-in-use': 40 - codes })
          const live = await passcodes.live(door, nowMs)
          expect(live.map(({ tag }) => tag).sort()).toEqual(times(codes, tagOf))
        },
        60_000,
      )

      test('gives a code again only when it has run out, used or not', async () => {
        const { grant, ref } = await given()
        await passcodes.close(ref, 'used', nowMs + 1)
        const again = (atMs: number) => newGrant(grant, { ...from(atMs), grantId: newId() })
        expect(await issue(again(grant.expiresAtMs - 1))).toEqual({ outcome: 'code-in-use' })
        const next = again(grant.expiresAtMs)
        expect(await issue(next)).toEqual(issued)
        expect(await passcodes.find(ref)).toBeNull()
        expect(await passcodes.find(refTo(next, tagOf(1)))).toMatchObject({ closed: null })
      })

      test('gives a visitor one code per visit, and says which', async () => {
        const visit = newVisit()
        const visitorId = newId()
        const { visitId } = visit
        const grants = times(30, () => newGrant(visit, { visitId, visitorId }))
        const address = newAddress()
        const answers = await Promise.all(
          grants.map((grant, nth) => issue(grant, tagOf(nth), address)),
        )
        const first = answers.findIndex(({ outcome }) => outcome === 'issued')
        const { grantId = '', expiresAtMs = 0 } = grants[first] ?? {}
        const others = answers.filter((_, nth) => nth !== first)
        expect(others).toEqual(times(29, () => ({ outcome: 'has-one', grantId })))
        expect(await passcodes.live(visit, nowMs)).toHaveLength(1)
        const stored = await bench.visits.find(visit)
        expect(stored).toMatchObject({ grants: { [visitorId]: { grantId, expiresAtMs } } })
      })

      test('gives another visitor of the visit one, and the same one in another visit', async () => {
        const visit = newVisit()
        const { visitId } = visit
        const first = newGrant(visit, { visitId })
        expect(await issue(first)).toEqual(issued)
        expect(await issue(newGrant(visit, { visitId }), tagOf(2))).toEqual(issued)
        const elsewhen = newGrant(visit, { visitId: newId(), visitorId: first.visitorId })
        expect(await issue(elsewhen, tagOf(3))).toEqual(issued)
        const byOwner = newGrant(visit, { visitorId: first.visitorId })
        expect(await issue(byOwner, tagOf(4))).toEqual(issued)
      })

      test('leaves what is known of the visit, and can be the first to know of it', async () => {
        const known = newVisit()
        await bench.visits.addMatch(known, newId(), 'one')
        for (const visit of [known, newVisit()]) {
          const grant = newGrant(visit, { ...from(nowMs + 9), visitId: visit.visitId })
          await issue(grant)
          const startedAtMs = visit === known ? nowMs : nowMs + 9
          const number = visit === known ? 7 : null
          expect(await bench.visits.find(visit)).toMatchObject({ startedAtMs, number })
        }
      })
    })

    describe('limits', () => {
      const anyTag = () => newId().repeat(2)
      const home = newHousehold()
      let doors = 0
      /** Each time at another door of one household, so that no door’s limit is met. */
      const toAddress = (address: string, atMs: number, household = home) => {
        doors += 1
        const door = { household, doorId: `${household}_door-${doors}` }
        return issue(newGrant(door, from(atMs)), anyTag(), address)
      }
      const atDoor = (door: ReturnType<typeof newDoor>, atMs: number) =>
        issue(newGrant(door, from(atMs)), anyTag())
      const [short, day] = codeLimits.perAddress
      const [anywhere] = codeLimits.perAddressAnywhere
      const [hourly] = codeLimits.perDoor

      test('one address to three in ten minutes, across doors and midnights', async () => {
        const address = newAddress()
        const midnightMs = Date.UTC(2027, 6, 1)
        const startMs = midnightMs - minuteMs
        for (const nth of times(short.count, (each) => each)) {
          expect(await toAddress(address, startMs + nth)).toEqual(issued)
        }
        const overMs = startMs + short.withinMs
        expect(await toAddress(address, overMs - 1)).toEqual(limitedBy('address'))
        expect(await toAddress(address, overMs)).toEqual(issued)
        expect(await toAddress(address, overMs)).toEqual(limitedBy('address'))
        expect(await toAddress(newAddress(), overMs)).toEqual(issued)
      })

      test('one address in each household for itself', async () => {
        const address = newAddress()
        for (const _ of times(short.count, () => null)) await toAddress(address, nowMs)
        expect(await toAddress(address, nowMs)).toEqual(limitedBy('address'))
        expect(await toAddress(address, nowMs, newHousehold())).toEqual(issued)
      })

      test('one address to ten a day', async () => {
        const address = newAddress()
        for (const nth of times(day.count, (each) => each)) {
          expect(await toAddress(address, nowMs + nth * hourMs)).toEqual(issued)
        }
        const overMs = nowMs + day.withinMs
        expect(await toAddress(address, overMs - 1)).toEqual(limitedBy('address'))
        expect(await toAddress(address, overMs)).toEqual(issued)
      })

      test('one address to thirty a day in all households together', async () => {
        const address = newAddress()
        const homes = times(4, newHousehold)
        for (const nth of times(anywhere.count, (each) => each)) {
          const household = homes[nth % homes.length]
          expect(await toAddress(address, nowMs + nth * 20 * minuteMs, household)).toEqual(issued)
        }
        const overMs = nowMs + anywhere.withinMs
        const late = newHousehold()
        expect(await toAddress(address, overMs - 1, late)).toEqual(limitedBy('address-anywhere'))
        expect(await toAddress(newAddress(), overMs - 1, late)).toEqual(issued)
        expect(await toAddress(address, overMs, late)).toEqual(issued)
      })

      test('one address however it is written', async () => {
        const address = `Amara-${newId()}@example.test`
        for (const _ of times(short.count, () => null)) await toAddress(address, nowMs)
        const answer = await toAddress(` ${address.toLowerCase()} `, nowMs)
        expect(answer).toEqual(limitedBy('address'))
      })

      test('one door to twenty an hour', async () => {
        const door = newDoor()
        for (const nth of times(hourly.count, (each) => each)) {
          expect(await atDoor(door, nowMs + nth)).toEqual(issued)
        }
        const overMs = nowMs + hourly.withinMs
        expect(await atDoor(door, overMs - 1)).toEqual(limitedBy('door'))
        expect(await atDoor({ ...door, doorId: `${door.household}_back` }, overMs - 1)).toEqual(
          issued,
        )
        expect(await atDoor(door, overMs)).toEqual(issued)
      })

      testProof('hold for many at once', async () => {
        const address = newAddress()
        const toOne = times(30, () => toAddress(address, nowMs))
        expect(await tally(toOne)).toEqual({ issued: short.count, limited: 30 - short.count })
        const door = newDoor()
        const atOne = times(60, () => atDoor(door, nowMs))
        expect(await tally(atOne)).toEqual({ issued: hourly.count, limited: 60 - hourly.count })
        expect(await passcodes.live(door, nowMs)).toHaveLength(hourly.count)
      })

      test('store nothing of what they refuse', async () => {
        const address = newAddress()
        const visit = newVisit()
        for (const _ of times(short.count, () => null)) {
          await toAddress(address, nowMs, visit.household)
        }
        const refused = newGrant(visit, { visitId: visit.visitId })
        expect(await issue(refused, tagOf(1), address)).toEqual(limitedBy('address'))
        expect(await passcodes.find(refTo(refused, tagOf(1)))).toBeNull()
        expect(await bench.visits.find(visit)).toBeNull()
        for (const _ of times(hourly.count, () => null)) {
          expect(await atDoor(visit, nowMs)).toEqual(issued)
        }
      })

      test('do not count what was refused for another reason', async () => {
        const address = newAddress()
        const door = newDoor()
        await issue(newGrant(door), tagOf(1))
        for (const _ of times(5, () => null)) {
          const answer = await issue(newGrant(door), tagOf(1), address)
          expect(answer).toEqual({ outcome: 'code-in-use' })
        }
        for (const _ of times(short.count, () => null)) {
          expect(await toAddress(address, nowMs, door.household)).toEqual(issued)
        }
      })

      test('are not counted for a visitor who has a code', async () => {
        const address = newAddress()
        const visit = newVisit()
        const { visitId } = visit
        const grants = times(5, () => newGrant(visit, { visitId, visitorId: 'v' }))
        for (const grant of grants.slice(0, 1)) await issue(grant, tagOf(1), address)
        for (const _ of times(short.count - 1, () => null)) {
          await toAddress(address, nowMs, visit.household)
        }
        const again = await issue(newGrant(visit, { visitId, visitorId: 'v' }), tagOf(2), address)
        expect(again).toEqual({ outcome: 'has-one', grantId: grants[0]?.grantId })
      })
    })

    describe('texting', () => {
      const claim = (ref: GrantRef, atMs: number) =>
        passcodes.claimSending(ref, atMs, atMs + leaseMs)

      test('is for one of many at once, and says that the door has it', async () => {
        const { grant, ref } = await given()
        const claims = await Promise.all(times(50, () => claim(ref, nowMs + 5)))
        const winners = claims.filter((one) => one !== null)
        expect(winners).toEqual([{ ...grant, storedAtMs: nowMs + 5 }])
        expect(await passcodes.find(ref)).toEqual({ ...grant, storedAtMs: nowMs + 5 })
      })

      test('is for a second once the lease is over', async () => {
        const { ref } = await given()
        expect(await claim(ref, nowMs)).not.toBeNull()
        expect(await claim(ref, nowMs + leaseMs - 1)).toBeNull()
        expect(await claim(ref, nowMs + leaseMs)).toMatchObject({ storedAtMs: nowMs })
        expect(await claim(ref, nowMs + leaseMs)).toBeNull()
      })

      test('is for no caller once it was sent', async () => {
        const { ref } = await given()
        await claim(ref, nowMs)
        await passcodes.markSent(ref, nowMs + 1, 'sms')
        await passcodes.markSent(ref, nowMs + 2, 'email')
        expect(await claim(ref, nowMs + 10 * leaseMs)).toBeNull()
        expect(await passcodes.find(ref)).toMatchObject({
          ...{ sentAtMs: nowMs + 1, sentBy: 'sms' },
        })
      })

      test('is for no caller when the code has expired, is closed or another one', async () => {
        const late = await given()
        expect(await claim(late.ref, late.grant.expiresAtMs)).toBeNull()
        expect(await claim(late.ref, late.grant.expiresAtMs - 1)).not.toBeNull()
        const closed = await given()
        await passcodes.close(closed.ref, 'revoked', nowMs)
        expect(await claim(closed.ref, nowMs)).toBeNull()
        const other = await given()
        expect(await claim({ ...other.ref, grantId: newId() }, nowMs)).toBeNull()
        expect(await claim({ ...other.ref, tag: tagOf(2) }, nowMs)).toBeNull()
        expect(await passcodes.find(other.ref)).toEqual(other.grant)
      })

      test('leaves alone what lies in the same place later', async () => {
        const { grant, ref } = await given()
        const next = newGrant(grant, { ...from(grant.expiresAtMs), grantId: newId() })
        await issue(next)
        await passcodes.markSent(ref, grant.expiresAtMs, 'sms')
        expect(await passcodes.close(ref, 'used', grant.expiresAtMs)).toBe(false)
        expect(await passcodes.revokeUnstored(ref, grant.expiresAtMs)).toBeNull()
        expect(await passcodes.find(refTo(next, tagOf(1)))).toEqual(next)
      })
    })

    describe('closing', () => {
      test('is done once, by one of many at once', async () => {
        const { ref } = await given()
        const closings = await Promise.all(
          times(30, (nth) => passcodes.close(ref, nth % 2 ? 'used' : 'revoked', nowMs)),
        )
        expect(closings.filter((wasOpen) => wasOpen)).toHaveLength(1)
        const closed = closings.indexOf(true) % 2 ? 'used' : 'revoked'
        expect(await passcodes.find(ref)).toMatchObject({ closed })
      })

      test('of one that the door does not have happens or the text does, never both', async () => {
        for (const _ of times(10, () => null)) {
          const { ref } = await given()
          const [claimed, revoked] = await Promise.all([
            passcodes.claimSending(ref, nowMs, nowMs + leaseMs),
            passcodes.revokeUnstored(ref, nowMs),
          ])
          expect([claimed, revoked].filter((one) => one !== null)).toHaveLength(1)
        }
      })

      test('of one that the door does not have is done once', async () => {
        const { grant, ref } = await given()
        const closed = { ...grant, closed: 'revoked', visitorName: '' }
        expect(await passcodes.revokeUnstored(ref, nowMs)).toEqual(closed)
        expect(await passcodes.revokeUnstored(ref, nowMs)).toBeNull()
        expect(await passcodes.close(ref, 'used', nowMs)).toBe(false)
      })
    })

    test('lists the live and open ones', async () => {
      const door = newDoor()
      const [early, late, used] = [from(nowMs - lifeMs), from(nowMs), from(nowMs)]
      const grants = [early, late, used].map((times) => newGrant(door, times))
      for (const [nth, grant] of grants.entries()) await issue(grant, tagOf(nth))
      for (const grant of grants.slice(2))
        await passcodes.close(refTo(grant, tagOf(2)), 'used', nowMs)
      expect(await passcodes.live(door, nowMs)).toEqual([{ ...grants[1], tag: tagOf(1) }])
      expect(await passcodes.live(door, nowMs - 1)).toHaveLength(2)
      expect(await passcodes.live(newDoor(), nowMs)).toEqual([])
    })

    test('separates the same ids of two doors and households', async () => {
      const { grant, ref } = await given({ visitId: newId() })
      for (const door of [newDoor(), { ...newDoor(), ...back(ref) }]) {
        const twin = { ...grant, ...door }
        const twinRef = refTo(twin, ref.tag)
        expect(await passcodes.find(twinRef)).toBeNull()
        expect(await passcodes.close(twinRef, 'used', nowMs)).toBe(false)
        expect(await passcodes.claimSending(twinRef, nowMs, nowMs + leaseMs)).toBeNull()
        expect(await passcodes.live(door, nowMs)).toEqual([])
        expect(await issue(twin, ref.tag)).toEqual(issued)
      }
      expect(await passcodes.find(ref)).toEqual(grant)
      const crossed = { ...ref, household: newHousehold() }
      const code = expect.objectContaining({ code: 'other-household' })
      await expect(passcodes.find(crossed)).rejects.toEqual(code)
      await expect(passcodes.live(crossed, nowMs)).rejects.toEqual(code)
    })

    const back = ({ household }: GrantRef) => ({ household, doorId: `${household}_back` })
  })
}
