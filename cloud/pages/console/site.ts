/** All pages of a household's members. A new page is added here. */
import { Hono } from 'hono'
import type { WebDeps } from '../../api/shared.ts'
import { asset } from '../asset.ts'
import { consoleScript, consoleStyle, liveScript } from '../assets.ts'
import { calendarRoutes } from './calendars/routes.ts'
import { codeRoutes } from './codes/routes.ts'
import { type ConsoleRoute, consolePages } from './console.ts'
import { commandRoutes } from './doors/command.ts'
import { liveRoutes } from './doors/live.ts'
import { modeRoutes } from './doors/mode.ts'
import { doorRoutes } from './doors/routes.ts'
import { sheetRoutes } from './doors/sheet.ts'
import { homeRoutes } from './home/routes.ts'
import { listRoutes } from './lists/routes.ts'
import { memberRoutes } from './members/routes.ts'
import { moreRoutes } from './more/routes.ts'
import { noticeAssets } from './notices/assets.ts'
import { noticeRoutes } from './notices/routes.ts'
import { peopleRoutes } from './people/routes.ts'
import { pictureRoutes } from './pictures.ts'
import { privacyRoutes } from './privacy/routes.ts'
import { requestPages } from './requests/routes.ts'
import { visitListRoutes } from './visits/routes.ts'
import { visitRoutes } from './visits/visit.ts'

export const consoleRoutes = (deps: WebDeps): readonly ConsoleRoute[] => [
  ...homeRoutes(deps),
  ...pictureRoutes(deps),
  ...requestPages(deps),
  ...peopleRoutes(deps),
  ...doorRoutes(deps),
  ...codeRoutes(deps),
  ...calendarRoutes(deps),
  ...commandRoutes(deps),
  ...liveRoutes(deps),
  ...sheetRoutes(deps),
  ...modeRoutes(deps),
  ...visitListRoutes(deps),
  ...visitRoutes(deps),
  ...listRoutes(deps),
  ...privacyRoutes(deps),
  ...noticeRoutes(deps),
  ...moreRoutes(deps),
  // Last, because the tests ask for all in this order, and signing out everywhere ends their session.
  ...memberRoutes(deps),
]

export function consoleSite(deps: WebDeps): Hono {
  const app = new Hono()
  app.get('/console/page.css', (context) => asset(context, 'text/css', consoleStyle))
  app.get('/console/page.js', (context) => asset(context, 'text/javascript', consoleScript))
  app.get('/console/live.js', (context) => asset(context, 'text/javascript', liveScript))
  noticeAssets(app)
  app.route('/', consolePages(deps, consoleRoutes(deps)))
  return app
}
