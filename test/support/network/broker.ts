/** Debian's mosquitto with mutual TLS. Its topic rules are derived from the doors' IoT policy. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../../../simulation/door/free-port.ts'
import { doorTopicRules } from '../cloud/iot-policy.ts'
import type { Papers, TestCa } from './test-ca.ts'

export interface BrokerOptions {
  readonly ca: TestCa
  /** Where it listens, and the name in its certificate. */
  readonly host?: string
  readonly port?: number
  /** More entries of mosquitto's access list. */
  readonly rules?: readonly string[]
  /** Sessions and messages outlive the broker's death. */
  readonly remembers?: boolean
  /** A command that runs the program elsewhere, in another network for instance. */
  readonly within?: readonly string[]
}

export interface Broker {
  readonly host: string
  readonly port: number
  readonly pid: () => number
  readonly output: string[]
  start(): Promise<void>
  /** SIGKILL, so that it can neither close connections nor save anything. */
  kill(): Promise<void>
  signal(signal: NodeJS.Signals): void
  close(): Promise<void>
}

/** May read and write every topic. */
export const cloudName = 'the-cloud'

export async function startBroker(options: BrokerOptions): Promise<Broker> {
  const { host = '127.0.0.1', within = [] } = options
  const folder = mkdtempSync(join(tmpdir(), 'smart-door-broker-'))
  const port = options.port ?? (await freePort(0))
  const output: string[] = []
  let child: ChildProcess | null = null
  writeFileSync(join(folder, 'rules'), [...rules, ...(options.rules ?? [])].join('\n'))
  writeFileSync(join(folder, 'mosquitto.conf'), configText(options, folder, host, port))

  async function start(): Promise<void> {
    const [program = '', ...args] = [...within, 'mosquitto', '-c', join(folder, 'mosquitto.conf')]
    const started = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    child = started
    for (const stream of [started.stdout, started.stderr]) {
      stream.on('data', (chunk: Buffer) => output.push(chunk.toString()))
    }
    // In another network it cannot be connected to from here, but it prints when it is ready.
    const runs = () => output.some((text) => text.includes('running'))
    const ready = within.length > 0 ? async () => runs() : () => answers(host, port)
    while (!(await ready())) {
      if (started.exitCode !== null) throw new Error(`mosquitto ended: ${output.join('')}`)
      await sleep(5)
    }
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    const ending = child
    child = null
    if (!ending || ending.exitCode !== null || ending.signalCode !== null) return
    ending.kill('SIGCONT')
    ending.kill(signal)
    await once(ending, 'close')
    output.length = 0
  }

  await start()
  return {
    host,
    port,
    pid: () => child?.pid ?? 0,
    output,
    start,
    kill: () => end('SIGKILL'),
    signal: (signal) => void child?.kill(signal),
    async close() {
      await end('SIGKILL')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const papersOfBrokers = new WeakMap<TestCa, Map<string, Papers>>()

/** Of all brokers of an authority at this host. */
function papersOf(ca: TestCa, host: string): Papers {
  const known = papersOfBrokers.get(ca) ?? new Map<string, Papers>()
  papersOfBrokers.set(ca, known)
  const papers = known.get(host) ?? ca.issue('broker', { host })
  known.set(host, papers)
  return papers
}

function configText(options: BrokerOptions, folder: string, host: string, port: number): string {
  const { ca, remembers = false } = options
  const papers = papersOf(ca, host)
  const lines = [
    `listener ${port} ${host}`,
    `cafile ${ca.certificate}`,
    `crlfile ${ca.revocations}`,
    `certfile ${papers.certificate}`,
    `keyfile ${papers.key}`,
    'require_certificate true',
    'use_identity_as_username true',
    'allow_anonymous false',
    `acl_file ${folder}/rules`,
    'user root',
    'set_tcp_nodelay true',
    'max_queued_messages 20000',
    'max_inflight_messages 100',
    'log_dest stderr',
    'log_type all',
  ]
  const memory = ['persistence true', `persistence_location ${folder}/`, 'autosave_interval 1']
  return [...lines, ...(remembers ? memory : ['persistence false'])].join('\n')
}

const rules = [
  ...doorTopicRules.map(({ may, topic }) => `pattern ${may} ${topic}`),
  `user ${cloudName}`,
  'topic readwrite #',
  'topic readwrite $aws/#',
]

function answers(host: string, port: number): Promise<boolean> {
  const socket = connect({ host, port })
  return new Promise((resolve) => {
    socket.once('connect', () => resolve(true))
    socket.once('error', () => resolve(false))
  }).finally(() => socket.destroy()) as Promise<boolean>
}
