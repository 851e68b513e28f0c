/**
 * A disk whose power can be cut: an ext4 file system on a block device whose writes stay in the
 * memory of a process (nbdkit) until they are flushed. Killing that process loses every write that
 * was not made durable.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  accessSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { atExit } from './at-exit.ts'

export interface CuttableDisk {
  /** Where it is mounted while it has power. */
  readonly folder: string
  /** From now on nothing reaches the disk. */
  cutPower(): Promise<void>
  /** Mounts what is left on it. Its users must have ended. */
  restorePower(): Promise<void>
  remove(): void
}

const diskBytes = 96 * 1024 * 1024

/** What this machine lacks, one sentence each. */
export function missingForPowerCuts(): readonly string[] {
  const has = (program: string) =>
    [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'].some((folder) =>
      existsSync(join(folder, program)),
    )
  const missing = [...programs].filter(([program]) => !has(program))
  return [
    ...missing.map(([program, what]) => `${program} (Debian package ${what}) is not installed.`),
    ...devices.filter((path) => !mayUse(path)).map((path) => `${path} cannot be used.`),
    ...(process.getuid?.() === 0 ? [] : ['Mounting a disk needs root: run it with sudo.']),
  ]
}

const programs = new Map([
  ['nbdkit', 'nbdkit'],
  ['nbdfuse', 'libnbd-bin'],
  ['fusermount3', 'fuse3'],
  ['losetup', 'mount'],
  ['mkfs.ext4', 'e2fsprogs'],
])
const devices = ['/dev/fuse', '/dev/loop-control']

function mayUse(path: string): boolean {
  try {
    accessSync(path)
    return true
  } catch {
    return false
  }
}

export async function cuttableDisk(): Promise<CuttableDisk> {
  const place = mkdtempSync(join(memory(), 'smart-door-disk-'))
  const image = join(place, 'image')
  const folder = join(place, 'mounted')
  mkdirSync(folder)
  writeFileSync(image, '')
  truncateSync(image, diskBytes)
  let plug: Plug | null = null
  let plugs = 0

  function remove(): void {
    plug?.pull()
    rmSync(place, { recursive: true, force: true })
  }
  const forget = atExit(remove)

  async function plugIn(prepare: (device: string) => void): Promise<void> {
    plugs += 1
    const own = join(place, String(plugs))
    mkdirSync(own)
    plug = await plugBetween(image, own, folder)
    prepare(plug.device)
    run('mount', plug.device, folder)
  }

  try {
    const noLazyWork = 'lazy_itable_init=0,lazy_journal_init=0'
    await plugIn((device) => run('mkfs.ext4', '-q', '-E', noLazyWork, device))
  } catch (error) {
    forget()
    remove()
    throw error
  }
  return {
    folder,
    cutPower: async () => plug?.cut(),
    async restorePower() {
      plug?.pull()
      await plugIn(() => {})
    },
    remove() {
      forget()
      remove()
    },
  }
}

/** In memory, because the real disk may be slow and nothing here must outlive the program. */
const memory = (): string => (existsSync('/dev/shm') ? '/dev/shm' : tmpdir())

interface Plug {
  readonly device: string
  cut(): Promise<void>
  /** Removes the device, also after a cut. Unflushed writes are lost. */
  pull(): void
}

/** image ← nbdkit, which holds writes until they are flushed ← a file ← a block device. */
async function plugBetween(image: string, own: string, folder: string): Promise<Plug> {
  const [socket, bridgeFile] = [join(own, 'socket'), join(own, 'disk')]
  writeFileSync(bridgeFile, '')
  const cache = await started(own, 'nbdkit', [
    ...['--foreground', '--exit-with-parent', '--unix', socket],
    ...['--filter=cache', 'file', image, 'cache=writeback'],
  ])
  const bridge = await started(own, 'nbdfuse', [bridgeFile, '--unix', socket])
  const device = run('losetup', '--find', '--show', bridgeFile)
  return {
    device,
    async cut() {
      cache.kill('SIGKILL')
      await ended(cache)
    },
    pull() {
      cache.kill('SIGKILL')
      if (!succeeds('umount', folder)) succeeds('umount', '--lazy', folder)
      succeeds('losetup', '--detach', device)
      succeeds('fusermount3', '-u', '-z', bridgeFile)
      bridge.kill('SIGKILL')
    },
  }
}

const startingMs = 10_000

/** Both programs write their process id to a file once they are ready. */
async function started(own: string, program: string, args: string[]): Promise<ChildProcess> {
  const mark = join(own, `${program}.pid`)
  const child = spawn(program, ['--pidfile', mark, ...args], {
    stdio: 'ignore',
    env: { ...process.env, TMPDIR: own },
    // Ctrl-C must not reach it: this program removes things in the right order.
    detached: true,
  })
  child.once('error', () => {})
  const untilMs = Date.now() + startingMs
  while (!existsSync(mark)) {
    if (Date.now() > untilMs || child.exitCode !== null) throw new NoDisk(program)
    await delay(5)
  }
  return child
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
}

class NoDisk extends Error {
  override readonly name = 'NoDisk'
  constructor(program: string) {
    super(`${program} did not start, so there is no disk to cut the power of.`)
  }
}

function run(program: string, ...args: string[]): string {
  return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim()
}

function succeeds(program: string, ...args: string[]): boolean {
  try {
    run(program, ...args)
    return true
  } catch {
    return false
  }
}
