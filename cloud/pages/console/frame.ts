/** What surrounds every page of a household: the head, the navigation, and full-page notices. */
import { html } from 'hono/html'
import {
  type ConsoleLanguage,
  type ConsoleWords,
  consoleWords,
} from '../../translations/console/words.ts'
import type { Here, Html } from './console.ts'

type Section = keyof ConsoleWords['sections']

interface Framed {
  readonly title: string
  readonly section: Section
  readonly body: Html
  /** Loads the main part of the page again every so many seconds. */
  readonly refreshSeconds?: number
}

export const framed = (here: Here, { title, section, body, refreshSeconds }: Framed): Html =>
  document(
    here.language,
    `${title} – ${here.home.name}`,
    html`<a class="skip" href="#main">${here.words.skip}</a>
      <nav aria-label="${here.home.name}">${sections(here.words, section)}</nav>
      <main id="main" ${refreshSeconds ? html`data-refresh="${refreshSeconds}"` : ''}>${body}</main>`,
  )

const paths: Readonly<Record<Section, string>> = {
  home: '/',
  visits: '/visits',
  people: '/people',
  more: '/more',
}

const icons: Readonly<Record<Section, Html>> = {
  home: html`<path d="M4 11 12 4l8 7v9h-5v-6H9v6H4z"/>`,
  visits: html`<path d="M12 7v5l3.5 2"/><circle cx="12" cy="12" r="8.5"/>`,
  people: html`<circle cx="9" cy="8.5" r="3.5"/><path d="M2.5 20c0-4 3-6 6.5-6s6.5 2 6.5 6M16 5.2a3.5 3.5 0 0 1 0 6.6M18 14.5c2.3.8 3.5 2.7 3.5 5.5"/>`,
  more: html`<path d="M5 12h.01M12 12h.01M19 12h.01"/>`,
}

const sections = (words: ConsoleWords, current: Section): Html =>
  html`<ul class="sections">${(Object.keys(paths) as Section[]).map(
    (
      section,
    ) => html`<li><a href="${paths[section]}" ${section === current ? html`aria-current="page"` : ''}>
      <svg viewBox="0 0 24 24" aria-hidden="true">${icons[section]}</svg>${words.sections[section]}</a></li>`,
  )}</ul>`

// ---------------------------------------------------------------- notices

type Notice = 'ownersOnly' | 'openersOnly' | 'notFound' | 'invalid' | 'wrongOrigin'

export function noticePage(language: ConsoleLanguage, notice: Notice): Html {
  const words = consoleWords[language]
  const detail = notice === 'notFound' ? words.notFoundDetail : ''
  return document(
    language,
    words[notice],
    html`<main><h1>${words[notice]}</h1>
      ${detail ? html`<p class="quiet">${detail}</p>` : ''}
      <p><a class="button" href="/">${words.sections.home}</a></p></main>`,
  )
}

export function signedOutPage(
  language: ConsoleLanguage,
  path: string,
  typed: readonly (readonly [string, string])[],
): Html {
  const words = consoleWords[language]
  const fields = typed.map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
  )
  return document(
    language,
    words.signedOut,
    html`<main><h1>${words.signedOut}</h1>
      <p class="quiet">${words.signedOutDetail}</p>
      <p><a class="button" href="/sign-in" target="_blank">${words.signIn}</a></p>
      <form method="post" action="${path}">${fields}<button class="next">${words.sendAgain}</button></form></main>`,
  )
}

const document = (
  language: ConsoleLanguage,
  title: string,
  body: Html,
): Html => html`<!doctype html>
<html lang="${language}">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
    <meta name="robots" content="noindex">
    <meta name="theme-color" content="#f1f4f2" media="(prefers-color-scheme: light)">
    <meta name="theme-color" content="#0c100f" media="(prefers-color-scheme: dark)">
    <title>${title}</title>
    <link rel="icon" href="/console/icon.svg" type="image/svg+xml">
    <link rel="apple-touch-icon" href="/console/icon-180.png">
    <link rel="manifest" href="/console/app.webmanifest">
    <link rel="stylesheet" href="/console/page.css">
    <script type="module" src="/console/page.js"></script>
  </head>
  <body>${body}</body>
</html>`
