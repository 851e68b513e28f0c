/** Pictures that the pages show: of doors of the household, and of its visitors on file. */
import type { WebDeps } from '../../api/shared.ts'
import { doorOf } from '../../members/core/household.ts'
import { type ConsoleRoute, get, type Here, notFoundIn } from './console.ts'

/** `faces` are cut out of `snapshots`; `kept` has copies of both. */
const kinds = ['snapshots', 'faces', 'kept'] as const
type Kind = (typeof kinds)[number]

export const pictureRoutes = (deps: WebDeps): readonly ConsoleRoute[] => [
  ...kinds.map((kind) =>
    get(`/${kind}/:door/:visit/:file`, 'viewer', (here) => ofDoor(deps, here, kind)),
  ),
  get('/people/:id/photo', 'viewer', (here) => ofVisitor(deps, here)),
]

/** The key of an object is the path of its page. */
export const pathOf = (key: string): string => `/${key}`

async function ofDoor(deps: WebDeps, here: Here, kind: Kind) {
  const { door = '', visit = '', file = '' } = here.context.req.param()
  const fits = /^[0-9a-f]{32}$/.test(visit) && /^\d{1,15}(-\d{1,3})?\.jpg$/.test(file)
  if (!fits || !doorOf(here.home, door)) return notFoundIn(here)
  return picture(deps, here, `${kind}/${door}/${visit}/${file}`)
}

async function ofVisitor(deps: WebDeps, here: Here) {
  const { id = '' } = here.context.req.param()
  if (!/^[0-9a-f]{32}$/.test(id)) return notFoundIn(here)
  const visitor = await deps.visitors.find(here.home.household, id)
  return visitor?.photo ? picture(deps, here, visitor.photo.key) : notFoundIn(here)
}

/** Not for long, because pictures of a deleted visitor must disappear. */
const maxAgeSeconds = 60

async function picture({ photos }: WebDeps, here: Here, key: string) {
  const stored = await photos.read(key)
  if (!stored) return notFoundIn(here)
  here.context.header('content-type', 'image/jpeg')
  here.context.header('cache-control', `private, max-age=${maxAgeSeconds}`)
  return here.context.body(new Uint8Array(stored.bytes))
}
