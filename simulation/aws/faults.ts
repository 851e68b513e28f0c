/**
 * Faults on demand, by service and operation: what a call gets instead of its answer, and whether
 * the call took effect all the same, which is the case that a retry must not make worse.
 */
import type { ServiceName } from './wire.ts'

export type Fault = {
  readonly service: ServiceName
  /** Every operation of the service if omitted. */
  readonly operation?: string
  /** Only the n-th such call from now on, counted from 1; every call if omitted. */
  readonly nth?: number
  /** `before`, the default: the call does nothing. */
  readonly when?: 'before' | 'after'
} & FaultKind

export type FaultKind =
  | { readonly kind: 'throttle' }
  /** 500 and the service's own code for it by default; `more` is added to a JSON body. */
  | {
      readonly kind: 'error'
      readonly status?: number
      readonly code?: string
      readonly more?: object
    }
  /** No answer, ever; the connection stays open until either side closes it. */
  | { readonly kind: 'timeout' }
  | { readonly kind: 'slow'; readonly delayMs: number }
  | { readonly kind: 'reset' }

export interface FaultHandle {
  /** How many calls had it. */
  met(): number
  lift(): void
}

export type FaultPlan = ReturnType<typeof faultPlan>

export function faultPlan() {
  const planned = new Set<{ readonly fault: Fault; seen: number; met: number }>()
  return {
    add(fault: Fault): FaultHandle {
      const plan = { fault, seen: 0, met: 0 }
      planned.add(plan)
      return { met: () => plan.met, lift: () => void planned.delete(plan) }
    },
    /** The oldest fault that applies to this call. Counts the call for all of them. */
    next(service: ServiceName, operation: string): Fault | null {
      const fitting = [...planned].filter(
        ({ fault }) => fault.service === service && (fault.operation ?? operation) === operation,
      )
      for (const plan of fitting) plan.seen += 1
      const due = fitting.find(({ fault: { nth }, seen }) => nth === undefined || nth === seen)
      if (due) due.met += 1
      return due?.fault ?? null
    },
    clear: () => planned.clear(),
  }
}
