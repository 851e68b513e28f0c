/** Starts a function as Lambda runs it. Only the bundle of each function calls this. */
import type { Environment } from '../function-environment.ts'
import type { Basics, CloudContext } from '../ports.ts'
import { loadNow } from './lazy.ts'
import { type Part, wire } from './wiring.ts'

/** What each file in `functions/` exports. */
export interface CloudFunction<Name extends Part, Handler> {
  readonly parts: readonly Name[]
  /** Parts that each of its events needs. The others are loaded at their first call. */
  readonly loadedAtStart?: readonly Name[]
  makeHandler(context: Pick<CloudContext, Name> & Basics): Handler
}

/** The handler that Lambda calls. */
export async function startFunction<Name extends Part, Handler>(
  { parts, loadedAtStart = [], makeHandler }: CloudFunction<Name, Handler>,
  environment: Environment,
): Promise<Handler> {
  const wired = wire(parts, environment)
  await loadNow(loadedAtStart.map((name): unknown => wired[name]))
  return makeHandler(wired)
}
