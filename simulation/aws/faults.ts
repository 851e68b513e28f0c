/**
 * Faults on demand, by service and operation: what a call meets instead of its answer, and whether
 * it took effect all the same. That is the case that a retry must not make worse.
 */
import type { ServiceName } from './wire.ts'

export type Fault = {
  readonly service: ServiceName
  /** Every operation of the service when there is none. */
  readonly operation?: string
  /** Only the n-th such call from now on, the first being 1; every call when there is none. */
  readonly nth?: number
  /** `before` when there is none: then the call does nothing. */
  readonly when?: 'before' | 'after'
} & FaultKind

export type FaultKind =
  | { readonly kind: 'throttle' }
  /** 500 unless said otherwise, with the code that the service uses for it. */
  | { readonly kind: 'error'; readonly status?: number; readonly code?: string }
  /** No answer, ever; the connection stays open until the client or the stand-in closes it. */
  | { readonly kind: 'timeout' }
  | { readonly kind: 'slow'; readonly delayMs: number }
  | { readonly kind: 'reset' }

export interface FaultHandle {
  /** How many calls met it. */
  met(): number
  lift(): void
}

export interface Faults {
  add(fault: Fault): FaultHandle
  /** The oldest fault that this call meets. It counts the call. */
  next(service: ServiceName, operation: string): Fault | null
  clear(): void
}

interface Planned {
  readonly fault: Fault
  seen: number
  met: number
}

export function faultPlan(): Faults {
  const planned = new Set<Planned>()
  return {
    add(fault) {
      const plan: Planned = { fault, seen: 0, met: 0 }
      planned.add(plan)
      return { met: () => plan.met, lift: () => void planned.delete(plan) }
    },
    next(service, operation) {
      const due = [...planned].filter((plan) => fits(plan.fault, service, operation) && isDue(plan))
      const [first] = due
      if (first) first.met += 1
      return first?.fault ?? null
    },
    clear: () => planned.clear(),
  }
}

const fits = (fault: Fault, service: ServiceName, operation: string): boolean =>
  fault.service === service && (fault.operation ?? operation) === operation

function isDue(plan: Planned): boolean {
  plan.seen += 1
  return plan.fault.nth === undefined || plan.fault.nth === plan.seen
}
