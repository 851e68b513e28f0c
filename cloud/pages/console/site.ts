/** All pages of a household's members. A new page is added here. */
import { Hono } from 'hono'
import type { WebDeps } from '../../api/shared.ts'
import { asset } from '../asset.ts'
import { consoleScript, consoleStyle } from '../assets.ts'
import { type ConsoleRoute, consolePages } from './console.ts'
import { unlockRoutes } from './doors/unlock.ts'
import { homeRoutes } from './home/routes.ts'
import { memberRoutes } from './members/routes.ts'
import { moreRoutes } from './more/routes.ts'
import { peopleRoutes } from './people/routes.ts'
import { pictureRoutes } from './pictures.ts'
import { requestPages } from './requests/routes.ts'

export const consoleRoutes = (deps: WebDeps): readonly ConsoleRoute[] => [
  ...homeRoutes(deps),
  ...pictureRoutes(deps),
  ...requestPages(deps),
  ...unlockRoutes(deps),
  ...peopleRoutes(deps),
  ...memberRoutes(deps),
  ...moreRoutes(deps),
]

export function consoleSite(deps: WebDeps): Hono {
  const app = new Hono()
  app.get('/console/page.css', (context) => asset(context, 'text/css', consoleStyle))
  app.get('/console/page.js', (context) => asset(context, 'text/javascript', consoleScript))
  app.route('/', consolePages(deps, consoleRoutes(deps)))
  return app
}
