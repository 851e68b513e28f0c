/** What is needed seldom, and the account of who is signed in. */
import { html } from 'hono/html'
import type { WebDeps } from '../../../api/shared.ts'
import { mayAct } from '../../../members/core/household.ts'
import { fill } from '../../../translations/translations.ts'
import { allowSigningOut, type ConsoleRoute, get, type Here, type Html } from '../console.ts'
import { framed } from '../frame.ts'

export const moreRoutes = (deps: WebDeps): readonly ConsoleRoute[] => [
  get('/more', 'viewer', async (here) => {
    await allowSigningOut(deps, here.context)
    return here.context.html(morePage(here))
  }),
]

function morePage(here: Here): Html {
  const words = here.words.more
  return framed(here, {
    title: here.words.sections.more,
    section: 'more',
    body: html`<h1>${here.words.sections.more}</h1>
      <section aria-labelledby="doors">
        <h2 id="doors">${words.doors}</h2>
        <ul class="list">${here.home.doors.map(
          ({ doorId, name }) => html`<li><a href="/doors/${doorId}">${name}</a></li>`,
        )}
          ${mayAct(here.role, 'owner') ? html`<li><a href="/doors/add">${here.words.door.add}</a></li>` : ''}</ul>
      </section>
      <ul class="list">
        <li><a href="/requests">${here.words.requests.title}</a></li>
        <li><a href="/notices">${here.words.notices.title}</a></li>
        <li><a href="/members">${here.words.members.link}</a></li>
        <li><a href="/privacy">${here.words.privacy.title}</a></li>
      </ul>
      <section aria-labelledby="account">
        <h2 id="account">${words.account}</h2>
        <p>${fill(words.signedInAs, { email: here.member.email })}, ${words.roles[here.role]}</p>
        <p class="quiet" id="passkey-hint">${words.passkeyHint}</p>
        <div class="actions">
          <a class="button" href="/sessions">${here.words.members.sessionsLink}</a>
          <a class="button" href="/passkey" aria-describedby="passkey-hint">${words.addPasskey}</a>
          <form method="post" action="/sign-out"><button>${words.signOut}</button></form>
        </div>
      </section>`,
  })
}
