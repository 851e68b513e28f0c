/** Lets the functions die at a chosen call of a port, as a Lambda does: nothing else happens then. */
import type { CloudDeps } from '../../simulation/cloud/cloud.ts'

export interface Crash {
  within(deps: CloudDeps): CloudDeps
  /** From now on the n-th call dies, before it does anything or after it has. */
  arm(nth: number, when: 'before' | 'after'): void
  /** A new process: it works again. */
  recover(): void
  /** Says which call died, if any did. */
  disarm(): string | null
}

export class Died extends Error {
  override readonly name = 'Died'
}

type Call = (...given: readonly unknown[]) => Promise<unknown>

/** What could crash between: everything that goes out of the process. */
const ports = [
  ...(['visits', 'visitors', 'requests', 'passcodes', 'once', 'photos', 'faces'] as const),
  ...(['secrets', 'doors', 'mail', 'texts', 'later'] as const),
] satisfies (keyof CloudDeps)[]

export function crashable(): Crash {
  let plan: { readonly nth: number; readonly when: 'before' | 'after' } | null = null
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
      const isTheOne = plan !== null && died === null && calls++ === plan.nth
      if (isTheOne && plan?.when === 'before') die(name)
      const answer = await call(...given)
      if (isTheOne) die(name)
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
    arm(nth, when) {
      plan = { nth, when }
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
