/** From what is used to what it costs. A price that nobody knows is told, not guessed. */
import { type Price, type Priced, prices } from './prices.ts'
import type { Usage } from './usage.ts'

export interface BillLine {
  readonly what: Priced
  readonly amount: number
  readonly price: Price
  readonly usd: number | null
}

export interface Bill {
  readonly lines: readonly BillLine[]
  /** Of the lines with a price. */
  readonly usd: number
  readonly unknown: readonly BillLine[]
}

const isPriced = (name: string): name is Priced => name in prices

export function billOf(usage: Usage): Bill {
  const lines = Object.entries(usage).flatMap(([what, amount]) =>
    isPriced(what) && amount > 0 ? [lineOf(what, amount)] : [],
  )
  return {
    lines,
    usd: lines.reduce((sum, { usd }) => sum + (usd ?? 0), 0),
    unknown: lines.filter(({ usd }) => usd === null),
  }
}

function lineOf(what: Priced, amount: number): BillLine {
  const price: Price = prices[what]
  return { what, amount, price, usd: price.usd === null ? null : (amount / price.per) * price.usd }
}
