/**
 * Where a link leads by which a person chooses a PIN. The page is the same for everyone until a PIN
 * is sent with the secret of the link.
 */
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import * as z from 'zod/mini'
import { pinDigits } from '../../../protocol/passcode.ts'
import { isFromOurPage } from '../../api/sessions.ts'
import { hexId, languageOf, type WebDeps } from '../../api/shared.ts'
import { pinPath } from '../../credentials/pin-links.ts'
import { fill, translations } from '../../translations/translations.ts'
import { asset } from '../asset.ts'
import { pinScript } from '../assets.ts'
import { type PinPageFlaw, pinNotice, pinPage } from './view.ts'

const [least] = pinDigits
const maxPostBytes = 4 * 1_024

export function pinPages(deps: WebDeps): Hono {
  const app = new Hono()
  app.get(pinPath, (context) => show(context, { token: '', least }))
  app.get(`${pinPath}page.js`, (context) => asset(context, 'text/javascript', pinScript))
  app.post(pinPath, bodyLimit({ maxSize: maxPostBytes }), (context) => {
    if (isFromOurPage(context, deps.webOrigin)) return set(deps, context)
    deps.log.warn({ reason: 'wrong-origin' }, 'post refused')
    return gone(context, 403)
  })
  return app
}

/** Without a referrer, browsers do not say where a form was sent from. */
function show(context: Context, shown: Parameters<typeof pinPage>[1]) {
  context.header('referrer-policy', 'same-origin')
  return context.html(pinPage(languageOf(context), shown), shown.problem ? 422 : 200)
}

const typed = z.string().check(z.maxLength(100))
const formSchema = z.strictObject({ token: hexId, pin: typed, repeat: typed })

async function set(deps: WebDeps, context: Context) {
  const body = await context.req.parseBody().catch(() => ({}))
  const form = formSchema.safeParse(body)
  if (!form.success) return gone(context, 404)
  const { token, pin, repeat } = form.data
  const language = languageOf(context)
  const words = translations[language].pinPage
  const again = (flaw: PinPageFlaw, values = {}) => {
    const sentence = fill(words.flaws[flaw], values)
    const problem = { field: flaw === 'differs' ? 'repeat' : 'pin', sentence } as const
    return show(context, { token, least, problem })
  }
  if (pin !== repeat) return again('differs')
  const done = await deps.owners.credentials.setPinByLink(token, pin)
  switch (done?.outcome) {
    case 'set':
      return context.html(pinNotice(language, words.done, words.doneDetail))
    case 'unfit':
      return again(done.flaw.flaw, done.flaw)
    case 'in-use':
    case 'too-many-tries':
    case 'full':
      return again(done.outcome)
    default:
      return gone(context, 404)
  }
}

function gone(context: Context, status: 403 | 404) {
  const language = languageOf(context)
  const words = translations[language].pinPage
  return context.html(pinNotice(language, words.gone, words.goneDetail), status)
}
