/**
 * What is stored about a visitor and how to have it deleted. The text with a code links here. The
 * page is the same for everyone: it knows no household and no person.
 */
import { Hono } from 'hono'
import { html } from 'hono/html'
import { languageOf } from '../../api/shared.ts'
import { aboutPath } from '../../letters/code-text.ts'
import { retentionDays } from '../../retention.ts'
import { fill, translations } from '../../translations/translations.ts'
import { page } from '../sign-in/view.ts'

export function aboutVisitPage(): Hono {
  const app = new Hono()
  app.get(aboutPath, (context) => {
    const language = languageOf(context)
    const words = translations[language].aboutVisit
    const said = (text: string) => html`<p>${fill(text, retentionDays)}</p>`
    const content = html`<h1>${words.title}</h1>
      <p class="quiet">${words.intro}</p>
      ${Object.values(words.stored).map(said)}
      <h2>${words.rightsTitle}</h2>
      ${said(words.rights)}
      <p class="quiet">${words.note}</p>`
    return context.html(page(language, content))
  })
  return app
}
