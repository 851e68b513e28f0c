/**
 * Lets people out first, then tries to do everything: read the key, open the store, serve the page.
 * Until all of it works the door is in egress-only mode, and tries again by itself.
 */
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigError, readConfigAndSecrets } from '../config/config.ts'
import { saveLastGood } from '../config/last-good.ts'
import type { Config } from '../config/settings.ts'
import type { Daemon } from '../daemon/daemon.ts'
import {
  DoorBusy,
  type Log,
  type PasscodeAnswer,
  type SheetAnswer,
  StoreFault,
} from '../daemon/ports.ts'
import { egressOnlyDaemon, outOfOrder } from './egress-only.ts'
import { DoorFront } from './front.ts'
import { assembleDoor, type FullDoor, type FullDoorDeps } from './full-door.ts'

export interface DoorDeps extends FullDoorDeps {
  readonly config: Config
  readonly configPath: string
  /** The config is the copy of the last good one, because the file cannot be used. */
  readonly isCopy: boolean
  /** Where a config that worked is copied to; null: nowhere. */
  readonly lastGoodPath: string | null
  readonly env: Readonly<Record<string, string | undefined>>
}

interface Starting {
  /** Resolves with the address of the page. */
  readonly listen: () => Promise<string>
  /** The config file is another one than the hardware was set up with. */
  readonly configChanged: () => void
}

const retryFirstMs = 2_000
const retryAtMostMs = 60_000

export class Door {
  readonly front: DoorFront
  readonly #deps: DoorDeps
  readonly #egressOnly: Daemon
  #full: FullDoor | null = null
  #problems: readonly string[] = []
  #url: string | null = null
  #isStopping = false
  #cancelRetry = () => {}

  constructor(deps: DoorDeps) {
    this.#deps = deps
    const { log } = deps
    this.#egressOnly = egressOnlyDaemon(deps.config, { ...deps, log: this.#quietAtFirst(log) })
    this.front = new DoorFront(outOfOrder(this.#egressOnly, () => this.#problems))
  }

  /** From here people can leave. */
  letOut = (): void => this.#egressOnly.start()

  roundTrip = (): Promise<void> => this.#running().roundTrip()

  /** Resolves after the first try. */
  async workFully(starting: Starting, retryMs = retryFirstMs): Promise<void> {
    const full = await this.#unlessFault(() => this.#assemble())
    const url = await this.#unlessFault(async () => (this.#url ??= await starting.listen()))
    const faults = [full, url].filter((result) => result instanceof Error)
    if (this.#isStopping) return
    if (full instanceof ConfigChanged) return starting.configChanged()
    if (!(full instanceof Error) && faults.length === 0) return this.#takeOver(full)
    if (!(full instanceof Error)) full.closeStore()
    this.#report(faults)
    this.#cancelRetry = this.#deps.clock.after(
      retryMs,
      () => void this.workFully(starting, Math.min(2 * retryMs, retryAtMostMs)),
    )
  }

  async stop(signal: string): Promise<void> {
    this.#isStopping = true
    this.#cancelRetry()
    await this.#running().stop(signal)
  }

  closeStore = (): void => this.#full?.closeStore()

  makePasscode = (): Promise<PasscodeAnswer> =>
    this.#full?.daemon.makePasscode() ??
    Promise.reject(new DoorBusy('the door only lets people out'))

  makeSheet = (by: string): Promise<SheetAnswer> =>
    this.#full?.daemon.makeSheet(by) ??
    Promise.reject(new DoorBusy('the door only lets people out'))

  #running = (): Daemon => this.#full?.daemon ?? this.#egressOnly

  #assemble(): Promise<FullDoor> {
    const { configPath, env } = this.#deps
    const { config, secrets } = readConfigAndSecrets(configPath, env)
    if (JSON.stringify(config) !== JSON.stringify(this.#deps.config)) throw new ConfigChanged()
    return assembleDoor(config, secrets, this.#deps)
  }

  /** Not while someone leaves, because every start closes the lock. */
  async #takeOver(full: FullDoor): Promise<void> {
    await this.#locked()
    if (this.#isStopping) return full.closeStore()
    this.#deps.sensors.stop()
    await this.#egressOnly.stop('everything works')
    this.#full = full
    this.front.use(full.daemon)
    full.daemon.start()
    this.#problems = []
    this.#note()
    this.#saveConfig()
    this.#deps.log.info({ url: this.#url }, 'keypad ready')
  }

  #locked(): Promise<void> {
    const isLocked = () => this.#egressOnly.keypadState().lock === 'locked'
    if (isLocked()) return Promise.resolve()
    return new Promise((done) => {
      const end = this.#egressOnly.watch(() => {
        if (!isLocked()) return
        end()
        done()
      })
    })
  }

  // -------------------------------------------------------------- what does not work

  async #unlessFault<T>(work: () => Promise<T>): Promise<T | Error> {
    try {
      return await work()
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error))
    }
  }

  /** Once for each change. */
  #report(faults: readonly Error[]): void {
    const problems = faults.flatMap((fault) => sentencesFor(fault, this.#deps))
    if (String(problems) === String(this.#problems)) return
    this.#problems = problems
    const [err] = faults
    const text = 'egress-only mode: codes do not work, people inside can leave'
    this.#deps.log.error({ problems, url: this.#url, err }, text)
    this.#note()
  }

  /** For `doctor` and the installer. */
  #note(): void {
    const { runtimeFolder } = this.#deps
    if (!runtimeFolder) return
    const path = join(runtimeFolder, egressOnlyNote)
    if (this.#problems.length === 0) rmSync(path, { force: true })
    else writeFileSync(path, `${this.#problems.join('\n')}\n`)
  }

  #saveConfig(): void {
    const { configPath, lastGoodPath, log } = this.#deps
    try {
      if (lastGoodPath !== null) saveLastGood(configPath, lastGoodPath)
    } catch (error) {
      log.warn({ err: error }, 'no copy of the config file could be saved')
    }
  }

  /** A good start is short; its log would begin with a start and a stop of something else. */
  #quietAtFirst = (log: Log): Log => ({
    info: (data, text) => {
      if (this.#problems.length > 0) log.info(data, text)
    },
    warn: (data, text) => log.warn(data, text),
    error: (data, text) => log.error(data, text),
  })
}

const egressOnlyNote = 'egress-only'

class ConfigChanged extends Error {}

function sentencesFor(fault: Error, { config, configPath, isCopy }: DoorDeps): readonly string[] {
  if (fault instanceof ConfigError) {
    const usesCopy = isCopy ? ['The hardware is set up by the last config that worked.'] : []
    return [...fault.mistakes.map((mistake) => `${configPath}: ${mistake}`), ...usesCopy]
  }
  if (fault instanceof StoreFault) return [fault.message]
  const isTaken = 'code' in fault && fault.code === 'EADDRINUSE'
  return isTaken
    ? [`Port ${config.keypad.port} is taken: stop the other program, or change keypad.port.`]
    : ['A part of the daemon fails at its start. See: journalctl -u smart-door']
}
