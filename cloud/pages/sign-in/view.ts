/** The HTML for browsers that are not signed in. Hono's `html` escapes all values. */
import { html } from 'hono/html'
import type { Language } from '../../../protocol/messages/shared.ts'
import { translations } from '../../translations/translations.ts'

type Html = ReturnType<typeof html>

export function welcomePage(language: Language): Html {
  const words = translations[language].signInPage
  return page(
    language,
    html`<h1>${words.welcome}</h1>
      <p class="quiet">${words.invitedOnly}</p>
      ${signInLink(words.signIn)}`,
  )
}

export function failedPage(language: Language): Html {
  const words = translations[language].signInPage
  return page(
    language,
    html`<h1>${words.failed}</h1>
      <p class="quiet">${words.failedDetail}</p>
      ${signInLink(words.signIn)}`,
  )
}

/** Signed in, but not (or no longer) a member. */
export function strangerPage(language: Language): Html {
  const words = translations[language].signInPage
  return page(
    language,
    html`<h1>${words.noMember}</h1>
      <p class="quiet">${words.noMemberDetail}</p>
      ${signOutForm(words.signOut)}`,
  )
}

const signInLink = (text: string): Html =>
  html`<p><a class="button next" href="/sign-in">${text}</a></p>`

const signOutForm = (text: string): Html =>
  html`<form method="post" action="/sign-out"><button>${text}</button></form>`

export const page = (language: Language, content: Html): Html => html`<!doctype html>
<html lang="${language}">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="robots" content="noindex">
    <title>smart-door</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="/sign-in/page.css">
  </head>
  <body>
    <main>${content}</main>
  </body>
</html>`
