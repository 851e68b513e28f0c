/** Runs fake-gpio-kernel.sh, and reads and writes its files from outside. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

export interface FakeGpio {
  /** Runs a program that sees these pins. */
  run(program: string, args: readonly string[]): ChildProcess
  exported(line: number): boolean
  read(line: number, file: string): string
  /** The time of the last write. */
  writtenAtMs(line: number): number
  drive(line: number, level: 0 | 1): void
  close(): Promise<void>
}

export interface FakeGpioOptions {
  readonly label?: string
  readonly base?: number
  readonly lines?: number
  readonly refuseFirst?: number
}

const isRoot = process.getuid?.() === 0

export async function fakeGpio(options: FakeGpioOptions = {}): Promise<FakeGpio> {
  const { label = 'pinctrl-rp1', base = 571, lines = 54, refuseFirst = 0 } = options
  const script = join(import.meta.dirname, 'fake-gpio-kernel.sh')
  const words = ['bash', script, label, String(base), String(lines), String(refuseFirst)]
  const kernel = spawn('unshare', [isRoot ? '-m' : '-rm', ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  })
  await once(createInterface(kernel.stdout), 'line')
  const { pid } = kernel
  if (pid === undefined) throw new Error('unshare could not be started')
  const inside = (line: number, file: string) =>
    join(`/proc/${pid}/root/sys/class/gpio/gpio${line}`, file)
  const enter = ['-t', String(pid), '-m', ...(isRoot ? [] : ['-U', '--preserve-credentials'])]

  return {
    run: (program, args) =>
      spawn('nsenter', [...enter, '--', program, ...args], { stdio: ['pipe', 'pipe', 'inherit'] }),
    exported: (line) => existsSync(inside(line, 'value')),
    read: (line, file) => readFileSync(inside(line, file), 'utf8').trim(),
    writtenAtMs: (line) => statSync(inside(line, 'value')).mtimeMs,
    drive: (line, level) => writeFileSync(inside(line, 'value'), String(level)),
    async close() {
      const exited = once(kernel, 'exit')
      process.kill(-pid, 'SIGKILL')
      await exited
    },
  }
}
