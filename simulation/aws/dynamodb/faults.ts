/** Faults on demand: what goes wrong, with which call. */

export interface Fault {
  readonly operation: string
  /** Whatever the table, unless said. */
  readonly table?: string
  /**
   * `throttled` and `broken` (500) refuse the call, `conflict` says that another transaction was
   * there. `slow` does it late. `timeout` never answers and does nothing; with `lost-answer` it is
   * done, but the connection ends before the caller hears of it.
   */
  readonly kind: 'throttled' | 'broken' | 'conflict' | 'slow' | 'timeout' | 'lost-answer'
  /** Counted from now; the next one unless said. An SDK's retry is a call of its own. */
  readonly call?: number | 'every'
  /** How late a slow answer is. */
  readonly delayMs?: number
}

export interface Faults {
  /** Gives back how to take the fault away. */
  add(fault: Fault): () => void
  /** What is wrong with this call. The oldest fault that fits is the one. */
  next(operation: string, tables: readonly string[]): Fault | null
}

export function faultsOf(): Faults {
  let planned: { readonly fault: Fault; calls: number }[] = []

  return {
    add: (fault) => {
      const one = { fault, calls: 0 }
      planned.push(one)
      return () => {
        planned = planned.filter((other) => other !== one)
      }
    },
    next: (operation, tables) => {
      const fitting = planned.filter(({ fault }) => fits(fault, operation, tables))
      for (const one of fitting) one.calls += 1
      const due = fitting.find(({ fault, calls }) => isDue(fault, calls))
      if (due && due.fault.call !== 'every') planned = planned.filter((other) => other !== due)
      return due?.fault ?? null
    },
  }
}

const fits = (fault: Fault, operation: string, tables: readonly string[]): boolean =>
  fault.operation === operation && (fault.table === undefined || tables.includes(fault.table))

const isDue = ({ call = 1 }: Fault, calls: number): boolean => call === 'every' || calls >= call
