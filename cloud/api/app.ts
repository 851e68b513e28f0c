/** Everything that answers over HTTPS in the cloud: the approval page, and the API of the console. */
import { Hono } from 'hono'
import { approvePages } from '../pages/approve/routes.ts'
import { ownersApi } from './api.ts'
import type { WebDeps } from './deps.ts'
import { securityHeaders } from './security-headers.ts'

export function buildWeb(deps: WebDeps): Hono {
  const app = new Hono()
  app.use(securityHeaders)
  // The part behind # stays with the browser, so a link may go either way.
  app.get('/approve', (context) => context.redirect('/approve/', 301))
  app.route('/', approvePages(deps))
  app.route('/v1', ownersApi(deps))
  app.notFound((context) =>
    context.json({ problem: 'not-found', sentence: 'There is nothing here.' }, 404),
  )
  app.onError((error, context) => {
    // The message of a fault may quote what it was about, so only its name is written down.
    const code = 'code' in error ? error.code : undefined
    deps.log.error({ name: error.name, code, method: context.req.method }, 'request failed')
    return context.json({ problem: 'fault', sentence: 'That did not work. Please try again.' }, 500)
  })
  return app
}
