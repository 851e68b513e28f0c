/** A door that takes 10,000 standing credentials after a resync, message by message, on the disk. */
import { createHash, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { decide } from '../../../device/core/door/decide.ts'
import { initialState } from '../../../device/core/door/state.ts'
import { sealRows } from '../../../device/core/log/log-chain.ts'
import { createFaults } from '../../../device/daemon/faults.ts'
import { messageEvent } from '../../../device/daemon/lookup.ts'
import type { Store } from '../../../device/daemon/ports.ts'
import type { CloudMessage, Credential } from '../../../protocol/messages/cloud.ts'
import { commandTopic } from '../../../protocol/topics.ts'
import { shippedRules } from '../../support/door/door-model.ts'
import { type Row, rowOf } from '../support/row.ts'
import { firstKept, openedStore } from '../support/stocked-store.ts'
import type { Workshop } from '../support/workshop.ts'

const inMessage = 200
const limitMs = 10_000
const doorId = 'bench-door'
const newId = (): string => randomBytes(16).toString('hex')

export async function benchResync(workshop: Workshop): Promise<Row[]> {
  const credentials = workshop.quick ? 400 : 10_000
  const store = openedStore(join(workshop.folder('resync'), 'door.sqlite'))
  const take = takerOn(store)
  const messages = pagesOf(credentials)
  const [firstMs, againMs] = [messages, pagesAgain(messages)].map((pages) => {
    workshop.say(`resync: ${credentials} credentials in ${pages.length} messages`)
    const fromMs = performance.now()
    for (const page of pages) take(page)
    return performance.now() - fromMs
  })
  const pins = store.pinCounts(Date.now())[10]
  store.close()
  if (pins !== credentials) throw new Error(`the door holds ${pins} of ${credentials}`)
  return [
    ['resync, first', firstMs ?? 0],
    ['resync, unchanged', againMs ?? 0],
  ].map(([row, ours]) =>
    rowOf({
      row: `${row}, ${credentials / 1_000} k standing`,
      unit: 'ms',
      ours: Number(ours),
      peer: limitMs,
      peerIs: 'limit: ten seconds',
      target: 1,
    }),
  )
}

/** As the daemon does: look up, decide, commit. */
function takerOn(store: Store): (message: CloudMessage) => void {
  const nowMs = Date.now()
  const faults = createFaults({ info: () => {}, warn: () => {}, error: () => {} })
  const deps = { doorId, doorKey: randomBytes(32), store, faults }
  const first = initialState(firstKept(nowMs), shippedRules, 0)
  let state = { ...first, time: { ...first.time, confirmedBy: 'cloud' as const } }
  store.commit({ state: firstKept(nowMs), changes: [], rows: [], acknowledged: [] })
  return (message) => {
    const topic = commandTopic(doorId, 'state')
    const bytes = { topic, payload: Buffer.from(JSON.stringify(message)) }
    const event = messageEvent(deps, bytes, nowMs)
    if (event.kind === 'message-refused') throw new Error(`${event.reason}: ${event.detail}`)
    const decided = decide(state, event, { uptimeMs: 1, id: newId() })
    const { record, changes } = decided
    const rows = sealRows(store.head(), record, {
      ...{ doorId, atMs: nowMs, timeKnown: true, ids: record.map(newId) },
    })
    store.commit({ state: {}, changes, rows, acknowledged: [] })
    state = { ...decided.state, time: state.time }
  }
}

function pagesOf(credentials: number): CloudMessage[] {
  const ids = Array.from({ length: credentials }, newId).sort()
  const of = Math.ceil(credentials / inMessage)
  return Array.from({ length: of }, (_, index) => {
    const listed = ids.slice(index * inMessage, (index + 1) * inMessage)
    const from = index === 0 ? '0'.repeat(32) : (listed[0] ?? '')
    const before = ids[(index + 1) * inMessage] ?? null
    return {
      ...{ v: 1, type: 'state', id: newId(), doorId, seq: index + 1, atMs: Date.now() },
      ...{ answers: '0'.repeat(32), removedVisitors: [], settings: null },
      page: { number: index + 1, of, from, before },
      credentials: listed.map(credential),
    }
  })
}

const pagesAgain = (pages: readonly CloudMessage[]): CloudMessage[] =>
  pages.map((page) => ({ ...page, id: newId(), seq: page.seq + pages.length }))

const credential = (grantId: string): Credential => ({
  ...{ grantId, kind: 'standing', visitId: null, digits: 10, flags: [] },
  holder: { visitorId: newId(), name: 'Robin', language: 'en' },
  tag: createHash('sha256').update(grantId).digest('hex'),
  validity: {
    ...{ notBeforeMs: Date.now() - 1_000, expiresAtMs: null, visits: null },
    weeklyHours: [{ weekdays: [1, 2, 3, 4, 5], fromMinute: 420, toMinute: 1_080 }],
  },
})
