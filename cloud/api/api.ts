/**
 * What the console and an owner's own tools may ask for. Whose token it is says which household it
 * is about; whatever belongs to another one does not exist here.
 */
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { cors } from 'hono/cors'
import type { WebDeps } from './deps.ts'
import { doorRoutes } from './doors.ts'
import { type ApiEnv, problem, signedIn } from './parts.ts'
import { passcodeRoutes } from './passcodes.ts'
import { recordingRoutes } from './recordings.ts'
import { requestRoutes } from './requests.ts'
import { visitorRoutes } from './visitors.ts'
import { visitRoutes } from './visits.ts'

const largestBodyBytes = 1024 * 1024
const preflightMaxAgeSeconds = 600

export function ownersApi(deps: WebDeps): Hono<ApiEnv> {
  const api = new Hono<ApiEnv>()
  api.use(
    cors({
      origin: (origin) => (origin === deps.webOrigin ? origin : null),
      allowMethods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
      allowHeaders: ['authorization', 'content-type'],
      maxAge: preflightMaxAgeSeconds,
    }),
  )
  api.use(
    bodyLimit({
      maxSize: largestBodyBytes,
      onError: (context) => problem(context, 413, 'too-big', 'That is more than one megabyte.'),
    }),
  )
  api.use(signedIn(deps))
  api.route('/passcodes', passcodeRoutes(deps))
  api.route('/visitors', visitorRoutes(deps))
  api.route('/requests', requestRoutes(deps))
  api.route('/doors', doorRoutes(deps))
  api.route('/visits', recordingRoutes(deps))
  api.route('/', visitRoutes(deps))
  return api
}
