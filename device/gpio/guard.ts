/** Starts guard.sh: a process that switches an output off when this one hangs or dies. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { PinUnavailable } from './pins.ts'

export interface Guard {
  /** Where the guard does the switching, resolves once the output is on. */
  on(maxMs: number): Promise<void> | void
  off(): void
  /** Whether the guard runs and, where it does the switching, has the GPIO line. */
  isReady(): boolean
  close(): Promise<void>
}

/** For outputs that do no harm when they stay on. */
export const noGuard: Guard = {
  on() {},
  off() {},
  isReady: () => true,
  async close() {},
}

const script = fileURLToPath(new URL('guard.sh', import.meta.url))

export interface GuardListener {
  /** Another program took the line, or gpioset ended. The guard takes the line again. */
  lost(): void
  ended(): void
}

/** Less than a visitor waits for the lock, and much longer than gpioset takes. */
const answerWithinMs = 800

/** In a process group of its own, so that Ctrl-C for the daemon does not end the guard. */
export function startGuard(args: readonly string[], listener: GuardListener): Guard {
  const child = spawn('bash', [script, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true,
  })
  child.on('error', () => {}) // Then there is no pid.
  const { pid } = child
  if (pid === undefined) throw new PinUnavailable('The guard of a pin cannot be started.')
  const switches = args[0] !== 'sysfs'
  const answers: ((isDone: boolean) => void)[] = []
  let isAlive = true
  let hasLine = !switches
  createInterface(child.stdout).on('line', (report) => {
    if (hasLine && report === 'lost') listener.lost()
    hasLine = report === 'done' || report === 'held'
    if (report === 'done' || report === 'failed') answers.shift()?.(hasLine)
  })
  child.on('exit', () => {
    for (const answer of answers.splice(0)) answer(false)
    if (!isAlive) return
    isAlive = false
    endOrphan(pid)
    listener.ended()
  })
  child.stdin.on('error', () => {}) // 'exit' follows.

  function order(text: string): Promise<void> | void {
    child.stdin.write(`${text}\n`)
    if (!switches) return
    return new Promise((done, fail) => {
      const failed = () => fail(new PinUnavailable('The guard could not switch the pin.'))
      const timer = setTimeout(() => {
        hasLine = false
        failed()
      }, answerWithinMs)
      answers.push((isDone) => {
        clearTimeout(timer)
        if (isDone) done()
        else failed()
      })
    })
  }
  return {
    on: (maxMs) => order(`on ${(maxMs / 1_000).toFixed(3)}`),
    // A failure shows in `isReady`.
    off: () => void order('off')?.catch(() => {}),
    isReady: () => isAlive && hasLine,
    async close() {
      if (!isAlive) return
      isAlive = false
      const exited = once(child, 'exit')
      child.stdin.end()
      await exited
    },
  }
}

/** A gpioset that outlived its guard would hold the line, and the relay on it. */
function endOrphan(guardPid: number): void {
  try {
    process.kill(-guardPid, 'SIGTERM')
  } catch {
    // There is none.
  }
}
