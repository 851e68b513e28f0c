/** A door's log that was changed, went back or has a gap is noticed; an honest one never is. */
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { contradicts, type KnownRow } from '../../../cloud/doors/core/door-log.ts'
import { chainHash, chainStart } from '../../../protocol/log-chain.ts'
import type { DoorBody } from '../../../protocol/messages/door.ts'
import { eventTopic } from '../../../protocol/topics.ts'
import {
  type CloudHome,
  cloudHome,
  doorId,
  doorMessage,
  household,
  newId,
} from '../../support/cloud/cloud-home.ts'
import { runs } from '../../support/effort.ts'

interface Text extends KnownRow {
  readonly text: string
}

/** Rows that go on from a place, each with its own id, so that no two logs share one by chance. */
function rowsAfter(last: Pick<KnownRow, 'seq' | 'hash'>, count: number, atMs = 1_800_000_000_000) {
  const rows: Text[] = []
  for (let nth = 0; nth < count; nth += 1) {
    const { seq, hash: prev } = rows.at(-1) ?? last
    const message = { ...doorMessage({ type: 'door-opened' }, doorId, seq + 1, atMs), prev }
    const text = JSON.stringify({ ...message, id: newId() })
    rows.push({ seq: seq + 1, prev, text, hash: chainHash(text) })
  }
  return rows
}

const empty = { seq: 0, hash: chainStart }
const placeOf = (rows: readonly Text[], seq: number) => rows.find((row) => row.seq === seq) ?? empty

/** How many of the rows contradict what arrived before them. */
function contradictions(arriving: readonly KnownRow[]): number {
  const known: KnownRow[] = []
  return arriving.filter((row) => {
    if (!known.some(({ hash }) => hash === row.hash)) known.push(row)
    return contradicts(
      row,
      known.filter(({ seq }) => Math.abs(seq - row.seq) <= 1),
    )
  }).length
}

const shuffled = <T>(items: readonly T[]) =>
  fc.shuffledSubarray([...items], { minLength: items.length, maxLength: items.length })

describe('the rows of a log', () => {
  test('never contradict each other, in any order, however often and with any of them missing', () => {
    const log = rowsAfter(empty, 12)
    const twice = fc.shuffledSubarray([...log, ...log, ...log])
    fc.assert(fc.property(twice, (arriving) => contradictions(arriving) === 0))
  })

  test('contradict the log that was chained anew, once the next row arrives', () => {
    const cases = fc.integer({ min: 1, max: 11 }).chain((at) => {
      const log = rowsAfter(empty, 12)
      const anew = rowsAfter(placeOf(log, at - 1), 12 - at)
      const next = rowsAfter(anew.at(-1) ?? placeOf(log, at - 1), 1)
      return shuffled([...log, ...next])
    })
    fc.assert(fc.property(cases, (arriving) => contradictions(arriving) > 0))
  })

  test('contradict the log that went back', () => {
    const cases = fc.integer({ min: 0, max: 11 }).chain((at) => {
      const log = rowsAfter(empty, 12)
      return shuffled([...log, ...rowsAfter(placeOf(log, at), 3)])
    })
    fc.assert(fc.property(cases, (arriving) => contradictions(arriving) > 0))
  })
})

describe('the owner', () => {
  let home: CloudHome
  afterEach(() => home.close())

  const hourMs = 3_600_000
  const subjects = () => home.aws.mailbox.map(({ subject }) => subject)

  async function arrive(rows: readonly Text[], copies = 3): Promise<void> {
    const many = rows.flatMap((row) => Array.from({ length: copies }, () => row))
    const [order] = fc.sample(shuffled(many), 1)
    await Promise.all(
      (order ?? []).map(({ text }) => home.fromDoor(eventTopic(doorId, 'door-opened'), text)),
    )
    await home.settled()
  }

  test('has no log of a door that was removed and still sends', async () => {
    home = await cloudHome()
    const { households, doorLogs } = home.deps
    const [first, ...later] = rowsAfter(empty, 3)
    // The function has read the household, too.
    if (first) await arrive([first])
    await households.change(household, (now) => now && { ...now, doors: [] })
    await arrive(later)
    const stored = await doorLogs.between({ household, doorId }, 0, 10)
    expect(stored.map(({ seq }) => seq)).toEqual([1])
  })

  const introduced = (last: Text): Text => {
    const body: DoorBody = {
      ...{ type: 'door-introduced', protocol: 1, software: '0.2.0', capabilities: [] },
    }
    const message = doorMessage(body, doorId, last.seq + 1, home.clock.nowMs())
    const text = JSON.stringify({ ...message, prev: last.hash })
    return { seq: last.seq + 1, prev: last.hash, text, hash: chainHash(text) }
  }
  const comesBack = async (last: Text) => {
    const row = introduced(last)
    await home.fromDoor(eventTopic(doorId, 'door-introduced'), row.text)
    await home.settled()
    return row
  }
  const last = (rows: readonly Text[]): Text => {
    const row = rows.at(-1)
    if (!row) throw new Error('no rows')
    return row
  }

  test('hears nothing of a log that arrives many times and in any order', async () => {
    home = await cloudHome()
    const log = rowsAfter(empty, 12)
    await arrive(log, runs(4, 20))
    home.clock.advance(8 * hourMs)
    await comesBack(last(log))
    await arrive(log, 2)
    expect(subjects()).toEqual([])
  })

  test('is notified once of a log that was chained anew', async () => {
    home = await cloudHome()
    const log = rowsAfter(empty, 8)
    await arrive(log)
    const anew = rowsAfter(placeOf(log, 4), 4)
    const next = rowsAfter(last(anew), 4)
    await arrive(next)
    expect(subjects()).toEqual([expect.stringContaining('log was changed')])
    home.clock.advance(30 * hourMs)
    await arrive(rowsAfter(last(next), 2))
    expect(subjects()).toHaveLength(1)
  })

  test('is notified once of a log that went back, as after a backup was restored', async () => {
    home = await cloudHome()
    const log = rowsAfter(empty, 12)
    await arrive(log)
    home.clock.advance(24 * hourMs)
    const restored = rowsAfter(placeOf(log, 5), 10)
    await arrive(restored)
    home.clock.advance(24 * hourMs)
    await arrive(restored)
    const next = rowsAfter(last(restored), 3)
    await arrive(next)
    await comesBack(last(next))
    expect(subjects()).toEqual([expect.stringContaining('log was changed')])
  })

  test('is notified once of messages that are missing, after AWS has stopped trying', async () => {
    home = await cloudHome()
    const log = rowsAfter(empty, 9)
    await arrive(log.filter(({ seq }) => seq !== 4))
    home.clock.advance(6 * hourMs)
    const back = await comesBack(last(log))
    expect(subjects()).toEqual([])
    home.clock.advance(2 * hourMs)
    const again = await comesBack(back)
    await comesBack(again)
    expect(subjects()).toEqual([expect.stringContaining('log has a gap')])
  })
})
