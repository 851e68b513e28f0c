/** The HTML for a visitor's phone. The same for all doors and households. Hono's `html` escapes all values. */
import { html } from 'hono/html'
import type { Language } from '../../../protocol/messages/shared.ts'
import { grouped } from '../../../protocol/passcode.ts'
import { aboutPath } from '../../letters/code-text.ts'
import type { Progress } from '../../scans/progress.ts'
import { fill, type Translation, translations } from '../../translations/translations.ts'
import { field } from '../fields.ts'

type Html = ReturnType<typeof html>
type Words = Translation['ringPage']

const refreshSeconds = 3

/** What may change by itself. */
const changing: readonly Progress['at'][] = ['waiting', 'allowed', 'code']

export function progressPage(language: Language, progress: Progress): Html {
  const words = translations[language].ringPage
  const isChanging = changing.includes(progress.at)
  return document(language, contentOf(words, language, progress), isChanging)
}

function contentOf(words: Words, language: Language, progress: Progress): Html {
  switch (progress.at) {
    case 'ready':
      return form(language, '', '')
    case 'code':
      return codeShown(words, progress)
    case 'no-answer':
      return said(words.noAnswer, words.noAnswerDetail)
    case 'not-scanned':
      return said(words.notScanned, words.notScannedDetail)
    case 'waiting':
    case 'denied':
    case 'allowed':
    case 'used':
    case 'expired':
    case 'failed':
    case 'opened':
      return said(words[progress.at], words[`${progress.at}Detail`])
    default:
      return progress satisfies never
  }
}

function codeShown(words: Words, { code, minutes }: Extract<Progress, { at: 'code' }>): Html {
  const detail = minutes > 1 ? fill(words.codeDetail, { minutes }) : words.codeDetailNow
  return html`<h1>${words.code}</h1>
    <p class="code">${grouped(code)}</p>
    <p class="quiet">${detail}</p>`
}

const said = (sentence: string, detail: string): Html =>
  html`<h1>${sentence}</h1><p class="quiet">${detail}</p>`

/** `name` as typed, and what is wrong with it. */
export const formPage = (language: Language, name: string, problem: string): Html =>
  document(language, form(language, name, problem), false)

export function noticePage(language: Language, notice: 'taken' | 'limited'): Html {
  const words = translations[language].ringPage
  return document(language, said(words[notice], words[`${notice}Detail`]), false)
}

function form(language: Language, name: string, problem: string): Html {
  const words = translations[language].ringPage
  const input = field({ name }, { ...(problem && { name: problem }) })
  return html`<h1>${words.ready}</h1>
    <p class="quiet">${words.readyDetail}</p>
    <form method="post" action="/ring" novalidate>
      ${input('name', words.name, html`type="text" maxlength="200" required autocomplete="name" autocapitalize="words"`)}
      <button class="next">${words.ring}</button>
    </form>`
}

/** Without a script the browser loads the page again by itself. */
function document(language: Language, content: Html, isChanging: boolean): Html {
  const words = translations[language].ringPage
  const reload = html`<noscript><meta http-equiv="refresh" content="${refreshSeconds}"></noscript>`
  return html`<!doctype html>
<html lang="${language}">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="robots" content="noindex">
    <title>${words.title}</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="/ring/page.css">
    <script type="module" src="/ring/page.js"></script>
    ${isChanging ? reload : ''}
  </head>
  <body>
    <main aria-live="polite" ${isChanging ? html`data-refresh="${refreshSeconds}"` : ''}>${content}</main>
    <footer><a href="${aboutPath}">${words.about}</a></footer>
  </body>
</html>`
}
