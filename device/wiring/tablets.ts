/**
 * Lets paired tablets reach the keypad page. If this fails, the lock and the door's own screen go on, and
 * it is tried again.
 */
import { mkdirSync } from 'node:fs'
import type { Config } from '../config/settings.ts'
import type { Clock, Log } from '../daemon/ports.ts'
import type { KeypadDoor } from '../http/keypad-app.ts'
import type { KeypadPages } from '../http/keypad-pages.ts'
import { buildTabletApp, type TabletApp, type Tablets } from '../http/tablets/tablet-app.ts'
import { mostTablets } from '../http/tablets/tablet-limits.ts'
import { ensureCertificate, fingerprintOf } from '../tablets/certificate.ts'
import { PairedTablets } from '../tablets/paired-tablets.ts'
import { Pairing, uptimeMs } from '../tablets/pairing.ts'
import { tabletNames, tabletsFolder } from '../tablets/tablets-folder.ts'

export interface TabletDeps {
  readonly door: KeypadDoor
  readonly pages: KeypadPages
  readonly pageFolder: string
  readonly clock: Clock
  readonly log: Log
}

const retryMs = 60_000
const lookAtCertificateMs = 12 * 60 * 60_000

export class TabletEntrance {
  readonly #config: Config
  readonly #deps: TabletDeps
  readonly #endings: (() => void)[] = []
  #app: TabletApp | null = null
  #isClosing = false

  constructor(config: Config, deps: TabletDeps) {
    this.#config = config
    this.#deps = deps
  }

  /** Never rejects. */
  async open(): Promise<void> {
    try {
      await this.#listen()
    } catch (error) {
      this.#deps.log.error({ err: error }, 'tablets cannot connect')
      await this.#app?.app.close()
      this.#app = null
      if (!this.#isClosing) this.#after(retryMs, () => void this.open())
    }
  }

  async close(): Promise<void> {
    this.#isClosing = true
    for (const end of this.#endings.splice(0)) end()
    await this.#app?.app.close()
  }

  async #listen(): Promise<void> {
    const { clock, log, ...deps } = this.#deps
    const folder = tabletsFolder(this.#config)
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const paired = new PairedTablets(folder)
    const tablets = this.#tablets(paired, new Pairing(folder))
    const names = tabletNames(this.#config)
    const { certificate } = ensureCertificate(folder, names, clock.wallMs())
    this.#app = buildTabletApp({ ...deps, log, names, tablets, identity: certificate })
    const { host, port } = this.#config.tablets
    const url = await this.#app.app.listen({ host: host ?? '127.0.0.1', port })
    this.#endings.push(paired.onChange(this.#app.closeRemoved))
    this.#after(lookAtCertificateMs, () => this.#renew(folder, names))
    log.info({ url, fingerprint: fingerprintOf(certificate) }, 'tablets can connect')
  }

  #tablets = (paired: PairedTablets, pairing: Pairing): Tablets => ({
    has: paired.has,
    bySecret: (secret) => {
      const tablet = paired.bySecret(secret)
      if (tablet) paired.seen(tablet, this.#deps.clock.wallMs())
      return tablet
    },
    pair: (code, peer) => {
      if (paired.all().length >= mostTablets) return null
      const name = pairing.accept(code, peer, uptimeMs())
      if (name === null) return null
      this.#deps.log.info({ name }, 'tablet paired')
      return paired.add(name, this.#deps.clock.wallMs())
    },
  })

  /** Paired tablets stay paired, but their browsers warn of the new certificate. */
  #renew(folder: string, names: readonly string[]): void {
    const { clock, log } = this.#deps
    try {
      const { certificate, isNew } = ensureCertificate(folder, names, clock.wallMs())
      if (isNew) this.#app?.renew(certificate)
      if (isNew)
        log.info({ fingerprint: fingerprintOf(certificate) }, 'new certificate for tablets')
    } catch (error) {
      log.error({ err: error }, 'the certificate for tablets cannot be renewed')
    }
    this.#after(lookAtCertificateMs, () => this.#renew(folder, names))
  }

  #after(ms: number, work: () => void): void {
    this.#endings.push(this.#deps.clock.after(ms, work))
  }
}
