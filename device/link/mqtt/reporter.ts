/** Reports why the link is down: each reason once, until a connection has lasted. */
import type { Identity } from '../../daemon/ports.ts'
import {
  type Diagnosis,
  diagnoseCertificate,
  diagnoseHandshake,
  diagnosis,
  type Endpoint,
  type FailureReason,
} from './diagnosis.ts'

export interface ReporterOptions {
  readonly endpoint: Endpoint
  readonly identity: () => Identity
  readonly report: (diagnosis: Diagnosis) => void
}

const diagnoseEveryMs = 60_000

export class Reporter {
  readonly #options: ReporterOptions
  readonly #reported = new Set<FailureReason>()
  #diagnosedAtMs = Number.NEGATIVE_INFINITY

  constructor(options: ReporterOptions) {
    this.#options = options
  }

  report(reason: FailureReason): void {
    if (this.#reported.has(reason)) return
    this.#reported.add(reason)
    this.#options.report(diagnosis(reason))
  }

  /** After a connection that lasted, the same reason is news again. */
  reset(): void {
    this.#reported.clear()
  }

  /** Null, and reported, when it cannot be read. */
  readIdentity(): Identity | null {
    try {
      return this.#options.identity()
    } catch {
      this.report('certificate-unreadable')
      return null
    }
  }

  /** At most once a minute, once a reason is known. */
  async diagnose(isStillDown: () => boolean): Promise<void> {
    const nowMs = performance.now()
    if (nowMs < this.#diagnosedAtMs + diagnoseEveryMs && this.#reported.size > 0) return
    this.#diagnosedAtMs = nowMs
    const identity = this.readIdentity()
    if (!identity) return
    const found =
      diagnoseCertificate(identity, Date.now()) ??
      (await diagnoseHandshake(this.#options.endpoint, identity))
    if (found && isStillDown()) this.report(found.reason)
  }
}
