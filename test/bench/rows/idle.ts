/** An idle door, started for the second time, offline, with one page open, beside an idle Node. */
import { type ChildProcess, spawn } from 'node:child_process'
import { setTimeout as passing } from 'node:timers/promises'
import { type BenchDoor, benchDoor } from '../support/bench-door.ts'
import { median } from '../support/figures.ts'
import { cpuMs, memoryOf } from '../support/process-figures.ts'
import { type Row, rowOf } from '../support/row.ts'
import type { StartedServer } from '../support/started-server.ts'
import type { Workshop } from '../support/workshop.ts'
import { benchIdleAtWork } from './idle-at-work.ts'

const full = { doors: 3, settleMs: 10_000, watchMs: 30_000 }
const quick = { doors: 1, settleMs: 500, watchMs: 1_000 }

const cpuLimitPercent = 1

export async function benchIdle(workshop: Workshop): Promise<Row[]> {
  const { doors: count, settleMs, watchMs } = workshop.quick ? quick : full
  workshop.say(`idle: ${count} doors and as many bare Nodes`)
  const doors: IdleDoor[] = []
  while (doors.length < count) doors.push(await idleDoor(workshop))
  const bare = Array.from({ length: count }, () => bareNode(workshop))
  const [ours, peers] = [doors.map(({ started }) => started.pid), bare.map(({ pid }) => pid ?? 0)]
  await passing(settleMs)
  const before = { ours: ours.map(cpuMs), peers: peers.map(cpuMs) }
  await passing(watchMs)
  const percentOf = (pids: number[], since: number[]) =>
    pids.map((pid, at) => ((cpuMs(pid) - (since[at] ?? 0)) / watchMs) * 100)
  const cpu = { ours: percentOf(ours, before.ours), peers: percentOf(peers, before.peers) }
  const memory = { ours: ours.map(memoryOf), peers: peers.map(memoryOf) }
  for (const child of bare) child.kill()
  await Promise.all(doors.map(({ door, started }) => started.stop().then(() => door.close())))
  return [
    rowOf({
      row: 'idle, resident memory',
      unit: 'MB',
      ours: median(memory.ours.map(({ residentMb }) => residentMb)),
      peer: median(memory.peers.map(({ residentMb }) => residentMb)),
      peerIs: 'bare Node',
      target: 1.9,
      figures: {
        processes: count,
        oursMostMb: Math.max(...memory.ours.map(({ residentMb }) => residentMb)),
        oursAnonymousMb: median(memory.ours.map(({ anonymousMb }) => anonymousMb)),
        peerAnonymousMb: median(memory.peers.map(({ anonymousMb }) => anonymousMb)),
      },
    }),
    rowOf({
      row: 'idle, CPU',
      unit: '% of a core',
      ours: median(cpu.ours),
      peer: cpuLimitPercent,
      peerIs: 'limit',
      figures: { seconds: watchMs / 1_000, bareNodePercent: median(cpu.peers) },
    }),
    await benchIdleAtWork(workshop),
  ]
}

interface IdleDoor {
  readonly door: BenchDoor
  readonly started: StartedServer
}

async function idleDoor(workshop: Workshop): Promise<IdleDoor> {
  const door = await benchDoor(workshop, { known: [{ codes: 10 }] })
  const first = door.start()
  ;(await first.connected()).close()
  await first.stop()
  const started = door.start()
  const page = await started.connected()
  page.listen('/api/events')
  return { door, started }
}

const bareNode = (workshop: Workshop): ChildProcess =>
  workshop.look(spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e9)']))
