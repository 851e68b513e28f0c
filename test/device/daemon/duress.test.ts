/**
 * A duress PIN looks like any other to everyone at the door and on its network page: two doors do the
 * same, one with a PIN of each kind, and everything that leaves them is compared byte by byte.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createDaemon } from '../../../device/daemon/daemon.ts'
import type { Store } from '../../../device/daemon/ports.ts'
import { metricsText } from '../../../device/http/metrics-text.ts'
import { openStore } from '../../../device/store/sqlite/store.ts'
import type { flags } from '../../../protocol/messages/cloud.ts'
import { passcodeTag } from '../../../protocol/passcode.ts'
import { commandTopic } from '../../../protocol/topics.ts'
import { shippedRules } from '../../support/door/door-model.ts'
import { manualClock } from '../../support/manual-clock.ts'

const doorKey = Buffer.alloc(32, 7)
const pin = '2718281828'
const id = (n: number) => n.toString(16).padStart(32, '0')
const commandId = 90_000

interface Seen {
  /** Answers, states of the page and figures, as they go out. */
  readonly outside: readonly string[]
  /** What the door did, in order: reads and writes of the store with their sizes, and the lock. */
  readonly did: readonly string[]
  readonly log: readonly string[]
}

async function play(flag: (typeof flags)[number] | null): Promise<Seen> {
  const folder = mkdtempSync(join(tmpdir(), 'smart-door-duress-'))
  const store = openStore(join(folder, 'door.sqlite'), { warn: () => {} })
  const clock = manualClock()
  const outside: string[] = []
  const did: string[] = []
  let ids = 0
  let online = (_online: boolean) => {}
  let command = (_topic: string, _payload: Uint8Array) => {}
  const daemon = createDaemon({
    ...{ doorId: 'door', doorName: 'Door', doorKey, rules: shippedRules, clock },
    store: watched(store, did),
    lock: {
      open: (holdMs) => void did.push(`open ${holdMs}`),
      close: () => void did.push('close'),
      reachable: () => true,
    },
    sensors: { start: () => {}, stop: () => {} },
    cameraPipeline: { start: () => {}, setVisit: () => {}, stop: async () => {} },
    link: {
      start(listener) {
        online = listener.online
        command = listener.message
      },
      publish: async () => {},
      stop: async () => {},
    },
    log: { info: () => {}, warn: () => {}, error: () => {} },
    newId() {
      ids += 1
      return id(ids)
    },
  })
  daemon.watch((state) => outside.push(JSON.stringify(state)))
  daemon.start()
  await settled()
  clock.confirm('host')
  online(true)
  await settled()
  command(commandTopic('door', 'grant'), grant(clock.wallMs(), flag))
  await settled()
  did.length = 0
  for (const typed of ['1618033988', pin, pin]) {
    outside.push(JSON.stringify(await daemon.enterCode(typed)))
    outside.push(JSON.stringify(daemon.keypadState()), JSON.stringify(daemon.health()))
    outside.push(metricsText(daemon.metrics()))
    clock.advance(20_000)
    await settled()
  }
  await daemon.stop('test')
  const log = store.unsent(0, 1_000).map(({ text }) => text)
  store.close()
  rmSync(folder, { recursive: true })
  return { outside, did, log }
}

function grant(atMs: number, flag: (typeof flags)[number] | null): Uint8Array {
  const credential = {
    ...{ grantId: id(commandId), kind: 'standing', visitId: null, digits: 10 },
    holder: { visitorId: id(commandId + 1), name: 'Ada', language: 'fr' },
    tag: passcodeTag(doorKey, pin).toString('hex'),
    validity: { notBeforeMs: 1, expiresAtMs: null, weeklyHours: [], visits: null },
    flags: flag === null ? [] : [flag],
  }
  const envelope = { v: 1, id: id(commandId + 2), doorId: 'door', seq: 1, atMs }
  return Buffer.from(JSON.stringify({ ...envelope, type: 'grant', credential }))
}

async function settled(): Promise<void> {
  for (let turns = 0; turns < 10; turns += 1) await new Promise(setImmediate)
}

/** Each call, with how much it reads or writes; not the content, which says what it was. */
function watched(store: Store, did: string[]): Store {
  return {
    ...store,
    grantByTag(tag) {
      did.push('grantByTag')
      return store.grantByTag(tag)
    },
    liveGrants(nowMs, which) {
      did.push(`liveGrants ${JSON.stringify(which)}`)
      return store.liveGrants(nowMs, which)
    },
    visitor(visitorId) {
      did.push('visitor')
      return store.visitor(visitorId)
    },
    commit(commit) {
      const { state, changes, rows } = commit
      const kinds = changes.map(({ kind }) => kind)
      did.push(`commit ${rows.length} rows, ${kinds} of ${Object.keys(state).sort()}`)
      store.commit(commit)
    },
  }
}

test('a duress PIN and another differ in nothing but one field of the log', async () => {
  const [usual, duress] = [await play(null), await play('duress')]
  expect(usual.outside.length).toBeGreaterThan(10)
  expect(usual.outside.join()).toContain('"outcome":"accepted","visitorName":"Ada"')
  expect(duress.outside).toEqual(usual.outside)
  expect(usual.did.filter((what) => what === 'open 5000')).toHaveLength(2)
  expect(duress.did).toEqual(usual.did)
  expect(duress.log).toHaveLength(usual.log.length)
  const entries = (log: readonly string[]) =>
    log.filter((text) => text.includes('"type":"entry-accepted"'))
  expect(entries(usual.log).join()).not.toContain('duress')
  expect(entries(duress.log).every((text) => text.includes('"duress":true'))).toBe(true)
  const unchained = (text: string) => text.replace(',"duress":true', '').replace(/"prev":"\w+"/, '')
  expect(duress.log.map(unchained)).toEqual(usual.log.map(unchained))
})
