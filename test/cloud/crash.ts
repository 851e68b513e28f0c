/** Kills the functions at a chosen call of a port, as when a Lambda dies: later calls fail too. */
import type { CloudDeps } from '../../simulation/cloud/cloud.ts'

export interface Crash {
  within(deps: CloudDeps): CloudDeps
  /** The next call of that name, or the n-th call of all, dies before or after its effect. */
  arm(point: CrashPoint, when: 'before' | 'after'): void
  /** A new process: calls succeed again. */
  recover(): void
  /** Returns the name of the call that died, or null. */
  disarm(): string | null
}

export type CrashPoint = number | string

class Died extends Error {
  override readonly name = 'Died'
}

type Call = (...given: readonly unknown[]) => Promise<unknown>

/** Every port whose calls leave the process. */
const ports = [
  'visits',
  'visitors',
  'approvalRequests',
  'passcodes',
  'idempotency',
  'photos',
  'faces',
  'secrets',
  'doors',
  'mail',
  'sms',
  'delayedQueue',
] as const satisfies (keyof CloudDeps)[]

export function crashable(): Crash {
  let plan: { readonly point: CrashPoint; readonly when: 'before' | 'after' } | null = null
  let calls = 0
  let isDead = false
  let died: string | null = null

  const die = (name: string): never => {
    isDead = true
    died = name
    throw new Died(name)
  }

  const watched =
    (name: string, call: Call): Call =>
    async (...given) => {
      if (isDead) throw new Died(name)
      const dies = plan !== null && died === null && [calls++, name].includes(plan.point)
      if (dies && plan?.when === 'before') die(name)
      const answer = await call(...given)
      if (dies) die(name)
      return answer
    }

  const port = <T extends object>(name: string, whole: T): T =>
    new Proxy(whole, {
      get: (target, key) => {
        const value: unknown = Reflect.get(target, key)
        if (typeof value !== 'function') return value
        const call: Call = (...given) => Reflect.apply(value, target, given)
        return watched(`${name}.${String(key)}`, call)
      },
    })

  return {
    within: (deps) => ({
      ...deps,
      ...Object.fromEntries(ports.map((name) => [name, port(name, deps[name])])),
    }),
    arm(point, when) {
      plan = { point, when }
      calls = 0
      died = null
    },
    recover() {
      isDead = false
    },
    disarm() {
      plan = null
      isDead = false
      return died
    },
  }
}
