/**
 * Consuming a code durably, beside appending as many bytes to a file and waiting for the disk. The
 * two alternate one by one, because a disk's speed varies.
 */
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import type { Store } from '../../../device/daemon/ports.ts'
import { type RawFile, rawFile } from '../peers/raw-file.ts'
import { shuffled } from '../support/chance.ts'
import { consumerOn } from '../support/consumption.ts'
import { mean, median, percentile, withoutSlowest } from '../support/figures.ts'
import { type Row, rowOf } from '../support/row.ts'
import { openedStore, stockStore } from '../support/stocked-store.ts'
import { walIndexOf } from '../support/wal-index.ts'
import type { Workshop } from '../support/workshop.ts'

const full = {
  stocks: [
    ...[10, 10_000, 1_000_000].map((grants) => ({ grants, kind: 'one-time' })),
    ...[10, 10_000].map((grants) => ({ grants, kind: 'standing' })),
  ],
  rounds: 2_500,
  longestMs: 90_000,
} as const
const quick = {
  stocks: [
    ...[10, 100, 1_000].map((grants) => ({ grants, kind: 'one-time' })),
    ...[10, 100].map((grants) => ({ grants, kind: 'standing' })),
  ],
  rounds: 20,
  longestMs: 2_000,
} as const
interface DoorStock {
  readonly grants: number
  readonly kind: string
}

/** As often as the daemon when idle, so that no checkpoint falls into a commit. */
const roundsPerTidy = 32
const leftOut = 0.01
const tracedCodes = 100

export async function benchConsume(workshop: Workshop): Promise<Row[]> {
  const { stocks, rounds, longestMs } = workshop.quick ? quick : full
  const folder = workshop.folder('consume')
  const raw = rawFile(folder)
  const doors = stocks.map((stock) => {
    workshop.say(`consume: filling a store with ${called(stock)}`)
    return doorWith(stock, rounds, folder)
  })
  workshop.say('consume: taking turns')
  const endMs = performance.now() + longestMs
  for (let round = 0; round < rounds && performance.now() < endMs; round += 1) {
    // Each one comes first equally often.
    for (const at of doors.keys()) {
      const door = doors[(round + at) % doors.length]
      if (door) takeTurns(door, raw, round)
    }
  }
  for (const door of doors) door.close()
  raw.close()
  const ofKind = (kind: string) => doors.filter((door) => door.stock.kind === kind)
  return [
    ...doors.map(besideRaw),
    ...bySize(ofKind('one-time')),
    ...bySize(ofKind('standing')),
    oneFsync(workshop),
  ]
}

// ---------------------------------------------------------------- taking turns

interface Door {
  readonly stock: DoorStock
  readonly us: { readonly [what in 'ours' | 'append']: number[] }
  readonly bytes: number[]
  readonly store: Store
  consume(): void
  walPages(): number
  /** A small store reuses its few grants, which a real one never does. */
  restock(): void
  close(): void
}

const pageInWalBytes = 4096 + 24
/** Until the bytes of one code are known. */
const firstGuessBytes = 5 * pageInWalBytes

/** In random order, because each write changes the file system for the next. */
function takeTurns(door: Door, raw: RawFile, round: number): void {
  const asMany = door.bytes.at(-1) ?? firstGuessBytes
  const turns = [
    () => consumeOnce(door),
    () => void door.us.append.push(usOf(() => raw.append(asMany))),
  ]
  for (const turn of shuffled(turns)) turn()
  if ((round + 1) % roundsPerTidy === 0) door.store.tidy()
}

function consumeOnce(door: Door): void {
  door.restock()
  const pages = door.walPages()
  door.us.ours.push(usOf(() => door.consume()))
  door.bytes.push((door.walPages() - pages) * pageInWalBytes)
}

function usOf(work: () => void): number {
  const fromMs = performance.now()
  work()
  return (performance.now() - fromMs) * 1_000
}

function doorWith(stock: DoorStock, rounds: number, folder: string): Door {
  const { grants, kind } = stock
  const path = join(folder, `${grants}-${kind}.sqlite`)
  const doorKey = randomBytes(32)
  const known = [{ codes: Math.min(grants, rounds), isStanding: kind === 'standing' }]
  const codes = stockStore({ path, doorKey, grants, known }).flat()
  const store = openedStore(path)
  const consume = consumerOn(store, doorKey)
  const wal = walIndexOf(path)
  const aside = new Database(path)
  aside.pragma('synchronous = OFF')
  let used = 0
  return {
    stock,
    us: { ours: [], append: [] },
    bytes: [],
    store,
    consume: () => consume(codes[used++] ?? ''),
    walPages: wal.pages,
    restock() {
      if (used < codes.length) return
      aside.exec('UPDATE grants SET closed = NULL')
      used = 0
    },
    close() {
      aside.close()
      store.close()
      wal.close()
    },
  }
}

// ---------------------------------------------------------------- rows

const called = ({ grants, kind }: DoorStock): string =>
  `${{ 10000: '10 k', 1000000: '1 M' }[grants] ?? grants} ${kind === 'standing' ? 'standing' : 'grants'}`

const meanOfMost = (samples: readonly number[]): number => mean(withoutSlowest(samples, leftOut))

const besideRaw = ({ stock, us, bytes }: Door): Row =>
  rowOf({
    row: `consume, ${called(stock)}, mean`,
    unit: 'µs',
    ours: meanOfMost(us.ours),
    peer: meanOfMost(us.append),
    peerIs: 'append + fdatasync of the same bytes; both without their slowest 1 %',
    target: 1.15,
    figures: {
      pairs: us.ours.length,
      meanBytes: mean(bytes),
      oursMeanOfAllUs: mean(us.ours),
      peerMeanOfAllUs: mean(us.append),
      oursP50Us: median(us.ours),
      peerP50Us: median(us.append),
      oursP99Us: percentile(us.ours, 0.99),
      peerP99Us: percentile(us.append, 0.99),
    },
  })

function bySize(doors: readonly Door[]): Row[] {
  const [smallest, largest] = [doors[0], doors.at(-1)]
  if (!smallest || !largest) return []
  return [
    rowOf({
      row: `consume, ${called(largest.stock)}, p50`,
      unit: 'µs',
      ours: median(largest.us.ours),
      peer: median(smallest.us.ours),
      peerIs: `the same with ${called(smallest.stock)}`,
      target: 1.25,
      figures: { rounds: largest.us.ours.length },
    }),
  ]
}

/** A separate program, so that only the codes are counted. */
function oneFsync(workshop: Workshop): Row {
  workshop.say('consume: counting fsyncs')
  const program = join(import.meta.dirname, '../peers/consume-traced.ts')
  const path = join(workshop.folder('traced'), 'door.sqlite')
  const flags = ['-f', '-e', 'trace=write,fsync,fdatasync', '-e', 'signal=none']
  const traced = spawnSync(
    'strace',
    [...flags, process.execPath, program, path, String(tracedCodes)],
    { encoding: 'utf8', maxBuffer: 1 << 28 },
  )
  if (traced.status !== 0) throw new Error('strace is needed to count fsyncs: install it')
  const during = traced.stderr.split('"begin\\n"')[1]?.split('"end\\n"')[0] ?? ''
  return rowOf({
    row: 'consume, fsyncs',
    unit: `per ${tracedCodes} codes`,
    ours: during.match(/f(data)?sync\(/g)?.length ?? 0,
    peer: tracedCodes,
    peerIs: 'limit: exactly one each',
    exactly: true,
  })
}
