/**
 * The connection to AWS IoT, on a broker of this machine: the cost of outbox and adapter over a plain
 * publish, the speed after a long outage, and the memory of the SDK.
 */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LogRow } from '../../../device/core/log/log-chain.ts'
import { sealRows } from '../../../device/core/log/log-chain.ts'
import { createFaults } from '../../../device/daemon/faults.ts'
import { Outbox } from '../../../device/daemon/outbox.ts'
import type { Store } from '../../../device/daemon/ports.ts'
import { systemClock } from '../../../device/host/clock.ts'
import { IotLink } from '../../../device/link/mqtt/link.ts'
import { openStore } from '../../../device/store/sqlite/store.ts'
import { eventFilter, eventTopic } from '../../../protocol/topics.ts'
import { iotConfig } from '../../support/door/iot-home.ts'
import { runDoor } from '../../support/door/running-door.ts'
import { type Broker, cloudName, startBroker } from '../../support/network/broker.ts'
import { type BrokerClient, brokerClient } from '../../support/network/broker-client.ts'
import { makeCa, type TestCa } from '../../support/network/test-ca.ts'
import { median, percentile } from '../support/figures.ts'
import { type Row, rowOf } from '../support/row.ts'
import { firstKept } from '../support/stocked-store.ts'
import type { Workshop } from '../support/workshop.ts'

const full = { events: 400, backlog: 2_000, pacedBacklog: 300, settleMs: 5_000 }
const quick = { events: 20, backlog: 100, pacedBacklog: 20, settleMs: 100 }

const doorId = 'bench-door'
/** 200 messages a second. */
const longestPerMessageMs = 5
/** AWS accepts 100 a second from one connection, a limit that cannot be raised (`iot.paced`). */
const awsPerMessageMs = 10
const largestMb = 120
/** As in scripts/smart-door. */
const asInstalled = ['--max-semi-space-size=1', '--no-opt', '--no-maglev', '--no-sparkplug']

interface Bench {
  readonly ca: TestCa
  readonly broker: Broker
  readonly cloud: BrokerClient
  /** Settles when the cloud has received that many. */
  heard(count: number): Promise<void>
}

export async function benchLink(workshop: Workshop): Promise<Row[]> {
  const size = workshop.quick ? quick : full
  workshop.say(`link: ${size.events} events, then ${size.backlog} after an outage`)
  const bench = await open()
  try {
    return [
      await latency(bench, workshop, size.events),
      ...(await drain(bench, workshop, size)),
      await weight(bench, workshop, size.settleMs),
    ]
  } finally {
    await bench.cloud.close()
    await bench.broker.close()
    bench.ca.remove()
  }
}

async function open(): Promise<Bench> {
  const ca = makeCa()
  const broker = await startBroker({ ca })
  let count = 0
  let waiting: { readonly count: number; readonly done: () => void } | null = null
  const cloud = await brokerClient({
    ...{ broker, ca, papers: ca.issue(cloudName), clientId: 'cloud', filters: [eventFilter] },
    hear() {
      count += 1
      if (waiting && count >= waiting.count) waiting.done()
    },
  })
  const heard = (more: number) =>
    new Promise<void>((done) => {
      waiting = { count: count + more, done }
    })
  return { ca, broker, cloud, heard }
}

// ---------------------------------------------------------------- how long an event takes

async function latency(bench: Bench, workshop: Workshop, events: number): Promise<Row> {
  const { ca, broker, heard } = bench
  const bare = await brokerClient({
    ...{ broker, ca, papers: ca.issue('bare-door'), clientId: 'bare-door', filters: [] },
  })
  const door = await openDoor(bench, workshop, false)
  const ours: number[] = []
  const peers: number[] = []
  const commits: number[] = []
  const text = door.write(1)[0] ?? ''
  door.send()
  await heard(1)
  for (let event = 0; event < events; event += 1) {
    const before = performance.now()
    door.write(1)
    const written = performance.now()
    const arrived = heard(1)
    door.send()
    await arrived
    ours.push(performance.now() - written)
    commits.push(written - before)
    const bareStart = performance.now()
    const bareArrived = heard(1)
    void bare.say({ topic: eventTopic('bare-door', 'bell-rung'), text })
    await bareArrived
    peers.push(performance.now() - bareStart)
  }
  await door.close()
  await bare.close()
  return rowOf({
    row: 'link, event to subscriber',
    unit: 'ms',
    ours: median(ours),
    peer: median(peers),
    peerIs: "the SDK's own publish",
    target: 1.5,
    figures: {
      oursP99Ms: percentile(ours, 0.99),
      peerP99Ms: percentile(peers, 0.99),
      commitBeforeItMs: median(commits),
      events,
    },
  })
}

// ---------------------------------------------------------------- how fast an outage is caught up

async function drain(
  bench: Bench,
  workshop: Workshop,
  { backlog, pacedBacklog }: typeof full,
): Promise<Row[]> {
  const ours = await perMessageMs(bench, workshop, { count: backlog, paced: false })
  const paced = await perMessageMs(bench, workshop, { count: pacedBacklog, paced: true })
  return [
    rowOf({
      row: 'link, one message of a backlog, own broker',
      unit: 'ms',
      ours,
      peer: longestPerMessageMs,
      peerIs: 'limit',
      figures: { backlog, perSecond: 1_000 / ours },
    }),
    rowOf({
      row: 'link, one message of a backlog, at the pace of AWS',
      unit: 'ms',
      ours: paced,
      peer: awsPerMessageMs,
      peerIs: "AWS's fixed quota",
      target: 1.1,
      figures: { backlog: pacedBacklog, perSecond: 1_000 / paced },
    }),
  ]
}

async function perMessageMs(
  bench: Bench,
  workshop: Workshop,
  { count, paced }: { readonly count: number; readonly paced: boolean },
): Promise<number> {
  const door = await openDoor(bench, workshop, paced)
  door.write(count)
  const startMs = performance.now()
  const all = bench.heard(count)
  door.send()
  await all
  const tookMs = performance.now() - startMs
  await door.close()
  return tookMs / count
}

// ---------------------------------------------------------------- a door's half, without its daemon

async function openDoor({ ca, broker }: Bench, workshop: Workshop, paced: boolean) {
  const papers = ca.issue(doorId)
  const store = openStore(join(workshop.folder('link'), 'door.sqlite'), { warn() {} })
  const log = { info() {}, warn() {}, error() {} }
  const link = new IotLink({
    endpoint: broker,
    ...{ thingName: doorId, report: () => {}, paced },
    identity: () => ({
      certificate: readFileSync(papers.certificate, 'utf8'),
      key: readFileSync(papers.key, 'utf8'),
      authority: readFileSync(ca.certificate, 'utf8'),
    }),
  })
  const clock = systemClock({ source: 'host' })
  const outbox = new Outbox({ doorId, store, link, clock, log, faults: createFaults(log) })
  await new Promise<void>((online) => link.start({ online: (up) => up && online(), message() {} }))
  let rows: readonly LogRow[] = []
  return {
    send: () => outbox.send(rows, true),
    write(count: number) {
      rows = writeRows(store, count)
      return rows.map(({ text }) => text)
    },
    async close() {
      outbox.stop()
      await link.stop()
      store.close()
    },
  }
}

function writeRows(store: Store, count: number) {
  const newId = () => randomBytes(16).toString('hex')
  const record = Array.from({ length: count }, () => ({
    ...({ type: 'bell-rung', visitId: newId() } as const),
  }))
  const rows = sealRows(store.head(), record, {
    ...{ doorId, atMs: Date.now(), timeKnown: true, ids: record.map(newId) },
  })
  store.commit({ state: firstKept(Date.now()), changes: [], rows, acknowledged: [] })
  return rows
}

// ---------------------------------------------------------------- what it weighs

async function weight(bench: Bench, workshop: Workshop, settleMs: number): Promise<Row> {
  const config = iotConfig(bench.ca, bench.broker)
  // The first start of a copy compiles it, which needs extra memory.
  const compiled = bench.heard(1)
  const first = await runDoor({ config, nodeFlags: asInstalled })
  await compiled
  // The compile cache is written only on a regular exit.
  await first.end('SIGTERM')
  await first.close()
  const heard = bench.heard(1)
  const door = await runDoor({ config, nodeFlags: asInstalled })
  try {
    await heard
    await new Promise((settled) => setTimeout(settled, settleMs))
    const withSdk = residentMb(door.pid())
    const plain = await runDoor({ nodeFlags: asInstalled })
    await new Promise((settled) => setTimeout(settled, settleMs))
    const without = residentMb(plain.pid())
    await plain.close()
    workshop.say(`link: ${withSdk} MB with the SDK, ${without} MB without`)
    return rowOf({
      row: 'link, resident memory on the line',
      unit: 'MB',
      ours: withSdk,
      peer: largestMb,
      peerIs: 'limit',
      figures: { withoutTheSdkMb: without },
    })
  } finally {
    await door.close()
  }
}

function residentMb(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1_024
}
