/** A server in a process of its own. */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as passing } from 'node:timers/promises'
import { type KeepAliveClient, keepAliveClient } from './keep-alive-client.ts'

export interface StartedServer {
  readonly pid: number
  readonly startedAtMs: number
  /** Settles when it accepts connections. */
  connected(): Promise<KeepAliveClient>
  stop(): Promise<void>
}

/** Rarely enough not to slow the starting server down. */
const connectEveryMs = 5

export function startedServer(start: () => ChildProcess, port: number): StartedServer {
  const startedAtMs = performance.now()
  const child = start()
  return {
    pid: child.pid ?? 0,
    startedAtMs,
    async connected() {
      while (!hasEnded(child)) {
        const client = await keepAliveClient(port)
        if (client) return client
        await passing(connectEveryMs)
      }
      throw new Error('the server that should be measured has ended by itself')
    },
    async stop() {
      child.kill('SIGTERM')
      if (!hasEnded(child)) await once(child, 'exit')
    },
  }
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean =>
  exitCode !== null || signalCode !== null
