/** A door as installed: launcher, config file, a database with earlier use, and no network. */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, openSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../../../device/daemon/ports.ts'
import { freePort } from '../../../simulation/door/free-port.ts'
import { type PlayedHome, startPlayedHome } from '../../support/door/played/played-home.ts'
import { type StartedServer, startedServer } from './started-server.ts'
import { type Batch, stockStore } from './stocked-store.ts'
import { projectFolder, type Workshop } from './workshop.ts'

export interface BenchDoor {
  readonly home: PlayedHome
  readonly port: number
  /** The codes of each requested batch. */
  readonly codes: readonly string[][]
  start(env?: NodeJS.ProcessEnv): StartedServer
  close(): Promise<void>
}

export interface BenchDoorOptions {
  readonly known: readonly Batch[]
  readonly config?: Readonly<Record<string, unknown>>
  /** Of the home; the door has its own. */
  readonly clock?: Clock
}

const doorId = 'bench-door'
const launcher = join(projectFolder, 'scripts', 'smart-door')

export async function benchDoor(workshop: Workshop, options: BenchDoorOptions): Promise<BenchDoor> {
  const { known, config = {}, clock } = options
  const folder = workshop.folder('door')
  const dataDir = join(folder, 'data')
  mkdirSync(dataDir, { mode: 0o700 })
  const doorKey = randomBytes(32)
  const grants = known.reduce((sum, { codes }) => sum + codes, 0)
  const codes = stockStore({ path: join(dataDir, 'door.sqlite'), doorKey, grants, known })
  const home = await startPlayedHome({ doorId, doorKey, ...(clock && { clock }) })
  home.network(false)
  const port = await freePort(0)
  const doorKeyFile = join(folder, 'door-key')
  writeFileSync(doorKeyFile, doorKey.toString('hex'), { mode: 0o600 })
  const configFile = join(folder, 'config.json')
  const simulated = { hardware: 'simulated', link: 'simulated', clock: 'host' }
  // A bench types more wrong codes than people do.
  const simulator = {
    ...{ hardwarePort: home.hardwarePort, linkPort: home.linkPort },
    longestWaitMs: 0,
  }
  const named = { doorId, doorName: 'Bench door', dataDir, doorKeyFile }
  writeFileSync(
    configFile,
    JSON.stringify({ ...named, ...simulated, simulator, keypad: { port }, ...config }),
  )

  return {
    home,
    port,
    codes,
    start(env = {}) {
      const log = openSync(join(folder, 'log'), 'a')
      const run = () =>
        spawn(launcher, ['run', '--config', configFile], {
          stdio: ['ignore', log, log],
          env: { ...process.env, ...env },
        })
      return startedServer(() => workshop.look(run()), port)
    },
    close: () => home.close(),
  }
}
