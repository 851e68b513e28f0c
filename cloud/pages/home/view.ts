/** The HTML of the front page. Hono's `html` escapes all values. */
import { html } from 'hono/html'
import type { Language } from '../../../protocol/messages/shared.ts'
import type { Household, Member } from '../../members/core/household.ts'
import { fill, translations } from '../../translations/translations.ts'

type Html = ReturnType<typeof html>

export function welcomePage(language: Language): Html {
  const words = translations[language].homePage
  return page(
    language,
    html`<h1>${words.welcome}</h1>
      <p class="quiet">${words.invitedOnly}</p>
      ${signInLink(words.signIn)}`,
  )
}

export function failedPage(language: Language): Html {
  const words = translations[language].homePage
  return page(
    language,
    html`<h1>${words.failed}</h1>
      <p class="quiet">${words.failedDetail}</p>
      ${signInLink(words.signIn)}`,
  )
}

/** Signed in, but not (or no longer) a member. */
export function strangerPage(language: Language): Html {
  const words = translations[language].homePage
  return page(
    language,
    html`<h1>${words.noMember}</h1>
      <p class="quiet">${words.noMemberDetail}</p>
      ${signOutForm(words.signOut)}`,
  )
}

export function householdPage(
  language: Language,
  { name, doors }: Household,
  { email }: Member,
): Html {
  const words = translations[language].homePage
  const list = html`<ul class="doors">
    ${doors.map((door) => html`<li>${door.name}</li>`)}
  </ul>`
  return page(
    language,
    html`<h1>${name}</h1>
      <section aria-labelledby="doors">
        <h2 id="doors">${words.doors}</h2>
        ${doors.length > 0 ? list : html`<p class="quiet">${words.noDoors}</p>`}
      </section>
      <section aria-labelledby="account">
        <h2 id="account">${words.account}</h2>
        <p>${fill(words.signedInAs, { email })}</p>
        <p class="quiet" id="passkey-hint">${words.passkeyHint}</p>
        <div class="actions">
          <a class="button" href="/passkey" aria-describedby="passkey-hint">${words.addPasskey}</a>
          ${signOutForm(words.signOut)}
        </div>
      </section>`,
  )
}

const signInLink = (text: string): Html =>
  html`<p><a class="button next" href="/sign-in">${text}</a></p>`

const signOutForm = (text: string): Html =>
  html`<form method="post" action="/sign-out"><button>${text}</button></form>`

const page = (language: Language, content: Html): Html => html`<!doctype html>
<html lang="${language}">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="robots" content="noindex">
    <title>smart-door</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="/home/page.css">
  </head>
  <body>
    <main>${content}</main>
  </body>
</html>`
