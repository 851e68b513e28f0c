/** Starts guard.sh: a process that switches an output off when this one hangs or dies. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { PinUnavailable } from './pins.ts'

export interface Guard {
  on(maxMs: number): void
  off(): void
  isAlive(): boolean
  close(): Promise<void>
}

/** For outputs that do no harm when they stay on. */
export const noGuard: Guard = {
  on() {},
  off() {},
  isAlive: () => true,
  async close() {},
}

const script = fileURLToPath(new URL('guard.sh', import.meta.url))

/** In a process group of its own, so that Ctrl-C for the daemon does not end the guard. */
export function startGuard(args: readonly string[], ended: () => void): Guard {
  const child = spawn('bash', [script, ...args], {
    stdio: ['pipe', 'ignore', 'inherit'],
    detached: true,
  })
  child.on('error', () => {}) // Then there is no pid.
  if (child.pid === undefined) throw new PinUnavailable('The guard of a pin cannot be started.')
  let isAlive = true
  child.on('exit', () => {
    if (isAlive) ended()
    isAlive = false
  })
  child.stdin.on('error', () => {}) // 'exit' follows.
  const order = (text: string) => void child.stdin.write(`${text}\n`)
  return {
    on: (maxMs) => order(`on ${(maxMs / 1_000).toFixed(3)}`),
    off: () => order('off'),
    isAlive: () => isAlive,
    async close() {
      if (!isAlive) return
      isAlive = false
      const exited = once(child, 'exit')
      child.stdin.end()
      await exited
    },
  }
}
