/** What must hold of standing credentials after every step of every timeline. */
import { expect } from 'vitest'
import { dayMs } from '../../../../device/core/credentials/lockout.ts'
import { isConfirmed } from '../../../../device/core/time/trusted-time.ts'
import { wrongCodesPerDay } from '../../../../protocol/guessing.ts'
import type { DoorBody } from '../../../../protocol/messages/door.ts'
import { grantOf } from './standing-steps.ts'
import { hasWrongClock, type Property } from './timelines.ts'

const hourMs = 3_600_000
/** The door may be ahead by the time that the cloud's answer took. */
const aheadMs = 10_000

const acceptedIn = (added: readonly DoorBody[]) =>
  added.filter((body) => body.type === 'entry-accepted').filter(({ credential }) => credential)

export const standingProperties: Readonly<Record<string, Property>> = {
  'a cleaner enters only within the hours, by the clock on the wall'({ door, nowMs }, timeline) {
    const isClockRight = !hasWrongClock(timeline)
    return {
      step(added) {
        for (const { grantId } of acceptedIn(added)) {
          if (grantId !== grantOf('cleaner')) continue
          // After a crash the time is unknown again.
          const isRunning = added.every(({ type }) => type !== 'door-started')
          if (isRunning) expect(isConfirmed(door.state().time)).toBe(true)
          const [hours] = door.grants.get(grantId)?.standing?.terms.weeklyHours ?? []
          if (!isClockRight) continue
          const minutes = [nowMs(), nowMs() + aheadMs].map((atMs) =>
            Math.floor((atMs % dayMs) / 60_000),
          )
          expect(Math.min(...minutes)).toBeLessThan(hours?.toMinute ?? 0)
        }
      },
    }
  },

  'a courier enters in two visits at most, however often'({ door }) {
    const visits = new Set<string | null>()
    return {
      step(added) {
        for (const { grantId, visitId } of acceptedIn(added)) {
          if (grantId !== grantOf('courier')) continue
          visits.add(visitId)
          // A power cut may end what the door remembers of a visit, but not the count.
          expect(door.grants.get(grantId)?.standing?.uses.visits).toBe(visits.size)
        }
        expect(visits.size).toBeLessThanOrEqual(2)
      },
    }
  },

  'a guest for an hour enters within an hour of the first time'({ nowMs }, timeline) {
    let firstAtMs: number | null = null
    const isClockRight = !hasWrongClock(timeline)
    return {
      step(added) {
        for (const { grantId } of acceptedIn(added)) {
          if (grantId !== grantOf('guest for an hour')) continue
          firstAtMs ??= nowMs()
          if (isClockRight) expect(nowMs() - firstAtMs).toBeLessThan(hourMs + aheadMs)
        }
      },
    }
  },

  'a guest does not enter after the end'({ door, nowMs }, timeline) {
    const isClockRight = !hasWrongClock(timeline)
    return {
      step(added) {
        for (const { grantId } of acceptedIn(added)) {
          const endsAtMs = door.grants.get(grantId)?.standing?.terms.endsAtMs ?? null
          if (endsAtMs === null || !isClockRight) continue
          expect(nowMs()).toBeLessThan(endsAtMs)
        }
      },
    }
  },

  'nothing enters without the second proof'() {
    const grantId = grantOf('resident with an app')
    return {
      step: (added) =>
        expect(acceptedIn(added).map((entry) => entry.grantId)).not.toContain(grantId),
    }
  },

  'no PIN is judged after ten wrong codes in a day'({ door }) {
    let wrongAt: number[] = []
    return {
      step(added) {
        const nowMs = door.uptimeMs()
        for (const body of added) {
          if (body.type === 'keypad-resumed') wrongAt = []
          const ofLastDay = wrongAt.filter((atMs) => atMs > nowMs - dayMs)
          if (body.type === 'entry-accepted' && body.credential) {
            expect(ofLastDay.length).toBeLessThan(wrongCodesPerDay.standing)
          }
          if (body.type === 'entry-refused') wrongAt = [...ofLastDay, nowMs]
        }
      },
    }
  },
}
