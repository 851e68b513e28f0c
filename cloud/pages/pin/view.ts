/** The HTML of the page on which a person chooses a PIN. It says nothing about the household. */
import { html } from 'hono/html'
import type { Language } from '../../../protocol/messages/shared.ts'
import { type Translation, translations } from '../../translations/translations.ts'
import { field } from '../fields.ts'

type Html = ReturnType<typeof html>
export type PinPageFlaw = keyof Translation['pinPage']['flaws']

interface Shown {
  readonly token: string
  readonly least: number
  readonly problem?: { readonly field: 'pin' | 'repeat'; readonly sentence: string } | undefined
}

/** What was typed is not sent back. */
export function pinPage(language: Language, { token, least, problem }: Shown): Html {
  const words = translations[language].pinPage
  const problems = problem ? { [problem.field]: problem.sentence } : {}
  const input = field({ pin: '', repeat: '' }, problems)
  const digits = html`type="password" inputmode="numeric" autocomplete="new-password" maxlength="20"`
  return document(
    language,
    html`<h1>${words.title}</h1>
      <noscript><p class="problem">${words.needsScript}</p></noscript>
      <p class="problem" data-incomplete hidden>${words.linkIncomplete}</p>
      <form method="post" action="/pin/" hidden novalidate>
        <input type="hidden" name="token" value="${token}">
        ${input('pin', words.pin, digits, words.hint.replace('{least}', String(least)))}
        ${input('repeat', words.repeat, digits)}
        <button class="next">${words.save}</button>
      </form>`,
  )
}

export const pinNotice = (language: Language, title: string, detail: string): Html =>
  document(language, html`<h1>${title}</h1><p class="quiet">${detail}</p>`)

const document = (language: Language, body: Html): Html => html`<!doctype html>
<html lang="${language}">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="robots" content="noindex">
    <title>${translations[language].pinPage.title}</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="/approve/page.css">
    <script type="module" src="/pin/page.js"></script>
  </head>
  <body><main>${body}</main></body>
</html>`
