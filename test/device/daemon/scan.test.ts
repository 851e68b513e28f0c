/** The QR code on the keypad: when it is shown, what it proves, and when it changes. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createDaemon, type Daemon } from '../../../device/daemon/daemon.ts'
import { usualKeypad } from '../../../device/daemon/keypad/state.ts'
import type { CloudListener, Store } from '../../../device/daemon/ports.ts'
import { openStore } from '../../../device/store/sqlite/store.ts'
import type { KeypadState } from '../../../protocol/keypad-api.ts'
import { isCurrent, isProof, parsePresence, presenceWindowMs } from '../../../protocol/presence.ts'
import { shippedRules } from '../../support/door/door-model.ts'
import { type ManualClock, manualClock } from '../../support/manual-clock.ts'

const doorKey = Buffer.alloc(32, 7)
const origin = 'https://door.example'

let folder: string
let store: Store
let clock: ManualClock
let cloud: CloudListener
let daemon: Daemon
let shown: KeypadState[]

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'smart-door-scan-'))
  store = openStore(join(folder, 'door.sqlite'), { warn: () => {} })
  clock = manualClock()
})

afterEach(async () => {
  await daemon.stop('test')
  expect(clock.pending()).toBe(0)
  store.close()
  rmSync(folder, { recursive: true })
})

interface Given {
  readonly pagesOrigin?: string | null
  readonly mode?: 'normal' | 'locked'
}

async function start({ pagesOrigin = origin, mode = 'normal' }: Given = {}): Promise<void> {
  let ids = 0
  daemon = createDaemon({
    doorId: 'maple-street_front',
    doorName: 'Door',
    doorKey,
    rules: { ...shippedRules, mode },
    keypad: { ...usualKeypad, pagesOrigin },
    store,
    lock: { open: () => {}, close: () => {}, reachable: () => true },
    sensors: { start: () => {}, stop: () => {} },
    cameraPipeline: { start: () => {}, setVisit: () => {}, stop: async () => {} },
    link: {
      start: (listener) => {
        cloud = listener
      },
      publish: async () => {},
      stop: async () => {},
    },
    clock,
    log: { info: () => {}, warn: () => {}, error: () => {} },
    newId() {
      ids += 1
      return ids.toString(16).padStart(32, '0')
    },
  })
  shown = []
  daemon.watch((state) => shown.push(state))
  daemon.start()
  await settled()
  cloud.online(true)
  await settled()
}

async function settled(): Promise<void> {
  for (let turns = 0; turns < 10; turns += 1) await new Promise(setImmediate)
}

async function ring(): Promise<void> {
  await daemon.ringBell()
  await settled()
}

const scan = () => daemon.keypadState().scan

const proofIn = (address: string | null | undefined) =>
  parsePresence(address?.slice(`${origin}/ring?`.length) ?? '')

test('is the door’s own proof of this visit, and good at this time', async () => {
  await start()
  await ring()
  expect(scan()).toMatch(/^https:\/\/door\.example\/ring\?maple-street_front\./)
  const proof = proofIn(scan())
  if (!proof) throw new Error('The address has no proof.')
  expect(isProof(doorKey, proof)).toBe(true)
  expect(isCurrent(proof, clock.wallMs())).toBe(true)
  expect(proof.visitNumber).toBe(daemon.keypadState().visit?.number)
  expect(shown.at(-1)?.scan).toBe(scan())
})

test.each([
  ['the door knows no address of pages', { pagesOrigin: null }, async () => {}],
  ['codes do not open the door', { mode: 'locked' }, async () => {}],
  ['the door is offline', {}, async () => cloud.online(false)],
] as const)('is not shown while %s', async (_why, given, happen) => {
  await start(given)
  await ring()
  await happen()
  await settled()
  expect(daemon.keypadState().visit).not.toBe(null)
  expect(scan()).toBe(null)
})

test('is not shown while the time is unconfirmed', async () => {
  clock.confirm(null)
  await start()
  await ring()
  expect(scan()).toBe(null)
  clock.confirm('host')
  clock.advance(1_000)
  await settled()
  expect(scan()).not.toBe(null)
})

test('is not shown without a visit', async () => {
  await start()
  expect(scan()).toBe(null)
})

test('changes every half minute by itself, until the visit ends', async () => {
  await start()
  await ring()
  const first = proofIn(scan())
  shown.length = 0
  clock.advance(presenceWindowMs)
  await settled()
  const second = proofIn(shown[0]?.scan)
  expect(second?.window).toBe((first?.window ?? 0) + 1)
  expect(second?.visitId).toBe(first?.visitId)
  // Motion alone would keep the visit open. Without any it ends.
  for (let nth = 0; nth < 25; nth += 1) {
    clock.advance(presenceWindowMs)
    await settled()
  }
  expect([daemon.keypadState().visit, scan()]).toEqual([null, null])
})
