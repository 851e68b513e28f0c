/** Everything that answers over HTTPS in the cloud: the pages, and the API under /v1. */
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { cors } from 'hono/cors'
import { approvalPage } from '../pages/approve/routes.ts'
import { consoleSite } from '../pages/console/site.ts'
import { pinPages } from '../pages/pin/routes.ts'
import { ringPage } from '../pages/ring/routes.ts'
import { signInPages } from '../pages/sign-in/routes.ts'
import { aboutVisitPage } from '../pages/you/routes.ts'
import { limitClients } from './client-limit.ts'
import { credentialRoutes } from './credentials.ts'
import { doorRoutes } from './doors.ts'
import { passcodeRoutes } from './passcodes.ts'
import { recordingRoutes } from './recordings.ts'
import { requestRoutes } from './requests.ts'
import { securityHeaders } from './security-headers.ts'
import { signedIn } from './sessions.ts'
import { type ApiEnv, notFound, type WebDeps } from './shared.ts'
import { visitorRoutes } from './visitors.ts'
import { visitRoutes } from './visits.ts'

const maxBodyBytes = 1024 * 1024
const preflightMaxAgeSeconds = 600

export function buildWeb(deps: WebDeps): Hono {
  const app = new Hono()
  app.use(securityHeaders)
  app.use(limitClients(deps))
  // Browsers keep the part after # across a redirect.
  app.get('/approve', (context) => context.redirect('/approve/', 301))
  app.route('/', signInPages(deps))
  app.route('/', aboutVisitPage())
  app.route('/', ringPage(deps))
  app.route('/', approvalPage(deps))
  app.route('/', pinPages(deps))
  app.route('/', consoleSite(deps))
  app.route('/v1', api(deps))
  app.notFound(notFound)
  app.onError((error, context) => {
    // The message of a fault may quote user data, so only its name is logged.
    const code = 'code' in error ? error.code : undefined
    deps.log.error({ name: error.name, code, method: context.req.method }, 'request failed')
    return context.json({ problem: 'fault', sentence: 'That did not work. Please try again.' }, 500)
  })
  return app
}

/** For pages and an owner's own tools. The sign-in decides the household, and nothing else exists. */
function api(deps: WebDeps): Hono<ApiEnv> {
  const routes = new Hono<ApiEnv>()
  routes.use(
    cors({
      origin: (origin) => (origin === deps.webOrigin ? origin : null),
      allowMethods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
      allowHeaders: ['authorization', 'content-type'],
      maxAge: preflightMaxAgeSeconds,
    }),
  )
  const tooBig = { problem: 'too-big', sentence: 'That is more than one megabyte.' }
  routes.use(bodyLimit({ maxSize: maxBodyBytes, onError: (context) => context.json(tooBig, 413) }))
  routes.use(signedIn(deps))
  routes.route('/passcodes', passcodeRoutes(deps))
  routes.route('/visitors', visitorRoutes(deps))
  routes.route('/requests', requestRoutes(deps))
  routes.route('/doors/:door/credentials', credentialRoutes(deps))
  routes.route('/doors', doorRoutes(deps))
  routes.route('/visits', recordingRoutes(deps))
  routes.route('/', visitRoutes(deps))
  return routes
}
