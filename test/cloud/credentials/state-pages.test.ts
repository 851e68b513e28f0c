/** The whole state of a door, in messages that AWS IoT takes. */
import { expect, test } from 'vitest'
import { messageOf } from '../../../cloud/credentials/core/credential.ts'
import { statePages } from '../../../cloud/credentials/core/state-pages.ts'
import { parseCloudMessage } from '../../../protocol/messages/cloud.ts'
import { newCredential, newDoor, newId, times } from '../../contracts/tables/examples.ts'

const settings = {
  revision: 3,
  settings: {
    unlockHoldMs: 5_000,
    heldOpenAfterMs: 60_000,
    passcodeDigits: 8,
    language: 'en',
    timeZone: 'Europe/Berlin',
  },
} as const
const hours = times(21, () => ({
  weekdays: [1, 2, 3, 4, 5, 6, 7],
  fromMinute: 1_000,
  toMinute: 1_001,
}))
const exceptDates = times(100, () => '2026-12-25')

const stateOf = (count: number, isLarge = false, removed = 0) =>
  ({
    type: 'state',
    ...{ answers: newId(), settings, removedVisitors: times(removed, newId) },
    credentials: times(count, () => {
      const validity = { notBeforeMs: 1, expiresAtMs: null, weeklyHours: [], visits: null }
      const large = { ...validity, weeklyHours: hours, exceptDates }
      return messageOf(newCredential(newDoor(), { validity: isLarge ? large : validity }))
    }),
  }) as const

const envelope = {
  v: 1,
  id: newId(),
  doorId: `${'a'.repeat(30)}_${'b'.repeat(30)}`,
  seq: 1,
  atMs: 1,
}

test.each([
  ['none', stateOf(0), 1],
  ['as many as one message takes', stateOf(200), 1],
  ['one more', stateOf(201), 2],
  ['large ones', stateOf(100, true), 3],
  ['many deleted visitors', stateOf(200, false, 1_000), 1],
  ['large ones and many deleted visitors', stateOf(100, true, 1_000), 3],
  ['ten thousand', stateOf(10_000), 50],
])('%s', (_, whole, least) => {
  const pages = statePages(whole)
  expect(pages.length).toBeGreaterThanOrEqual(least)
  expect(pages.length).toBeLessThanOrEqual(least + 1)
  for (const page of pages) {
    const text = JSON.stringify({ ...envelope, ...page })
    expect(Buffer.byteLength(text)).toBeLessThan(128 * 1_024)
    expect(parseCloudMessage(text)).toMatchObject({ ok: true })
  }
  const listed = pages.flatMap(({ credentials }) => credentials)
  expect(new Set(listed)).toEqual(new Set(whole.credentials))
  expect(pages.flatMap(({ removedVisitors }) => removedVisitors)).toEqual(whole.removedVisitors)
  expect(pages.filter((page) => page.settings !== null)).toHaveLength(1)
  if (pages.length === 1) return expect(pages[0]).not.toHaveProperty('page')
  // Every possible id belongs to one page.
  const ranges = pages.map(({ page }) => page)
  expect(ranges.map((range) => [range?.number, range?.of])).toEqual(
    pages.map((_, nth) => [nth + 1, pages.length]),
  )
  expect(ranges[0]?.from).toBe('0'.repeat(32))
  expect(ranges.at(-1)?.before).toBeNull()
  ranges.slice(1).forEach((range, nth) => {
    expect(range?.from).toBe(ranges[nth]?.before)
  })
  for (const { page, credentials } of pages) {
    for (const { grantId } of credentials) {
      expect(grantId >= (page?.from ?? '')).toBe(true)
      expect(page?.before === null || grantId < (page?.before ?? '')).toBe(true)
    }
  }
})
