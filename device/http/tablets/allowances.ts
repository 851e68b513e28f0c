/** How much each peer may do in a while: a bucket for each that fills up slowly (token bucket). */

export interface Allowance {
  /** At once, after a quiet while. */
  readonly burst: number
  readonly perSecond: number
}

interface Bucket {
  left: number
  atMs: number
}

/** More peers than a home has; for one more, the one that was seen longest ago is forgotten. */
const mostPeers = 1_000

export class Allowances {
  readonly #buckets = new Map<string, Bucket>()
  readonly #rule: Allowance
  readonly #nowMs: () => number

  constructor(rule: Allowance, nowMs: () => number) {
    this.#rule = rule
    this.#nowMs = nowMs
  }

  /** False: the peer has used up what it may do now. */
  take(peer: string): boolean {
    const { burst, perSecond } = this.#rule
    const nowMs = this.#nowMs()
    const { left, atMs } = this.#buckets.get(peer) ?? { left: burst, atMs: nowMs }
    const now = Math.min(burst, left + ((nowMs - atMs) / 1_000) * perSecond)
    this.#buckets.delete(peer)
    this.#buckets.set(peer, { left: now < 1 ? now : now - 1, atMs: nowMs })
    const [oldest] = this.#buckets.keys()
    if (this.#buckets.size > mostPeers && oldest !== undefined) this.#buckets.delete(oldest)
    return now >= 1
  }
}
