/** The product's functions from source, as Lambda starts them. */
import type { CloudFunction } from '../../cloud/aws/start-function.ts'
import { type Part, wire } from '../../cloud/aws/wiring.ts'
import type { Basics, CloudContext } from '../../cloud/ports.ts'
import type { Environment, Handler } from '../aws/lambda/lambda.ts'

interface Start {
  readonly basics: Partial<Basics>
  /** Stands between a function and its ports. */
  around<Deps extends Partial<CloudContext>>(deps: Deps, environment: Environment): Deps
}

type Entry = (environment: Environment, start: Start) => Promise<Handler>

function entry<Name extends Part, Handle extends (event: never) => unknown>(
  load: () => Promise<CloudFunction<Name, Handle>>,
): Entry {
  return async (environment, { basics, around }) => {
    const { parts, makeHandler } = await load()
    const handle = makeHandler(around(wire(parts, environment, basics), environment))
    return async (event) => Reflect.apply(handle, undefined, [event])
  }
}

/** Every file in cloud/functions/. */
const entries: Readonly<Record<string, Entry>> = {
  'check-grant': entry(() => import('../../cloud/functions/check-grant.ts')),
  'claim-door': entry(() => import('../../cloud/functions/claim-door.ts')),
  'fetch-calendars': entry(() => import('../../cloud/functions/fetch-calendars.ts')),
  'first-login': entry(() => import('../../cloud/functions/first-login.ts')),
  'from-door': entry(() => import('../../cloud/functions/from-door.ts')),
  housekeeping: entry(() => import('../../cloud/functions/housekeeping.ts')),
  'photo-uploaded': entry(() => import('../../cloud/functions/photo-uploaded.ts')),
  'recognise-snapshot': entry(() => import('../../cloud/functions/recognise-snapshot.ts')),
  'settle-visit': entry(() => import('../../cloud/functions/settle-visit.ts')),
  'sighting-from-stream': entry(() => import('../../cloud/functions/sighting-from-stream.ts')),
  'visitor-changed': entry(() => import('../../cloud/functions/visitor-changed.ts')),
  web: entry(() => import('../../cloud/functions/web.ts')),
}

export async function startFunction(
  name: string,
  environment: Environment,
  start: Start,
): Promise<Handler> {
  const found = entries[name]
  if (!found) throw new Error(`There is no cloud/functions/${name}.ts.`)
  return found(environment, start)
}
