/** The HTML of the pages about members and their sessions. */
import { html } from 'hono/html'
import { languages } from '../../../../protocol/messages/shared.ts'
import {
  type InvitedPerson,
  type Member,
  type MemberSession,
  roleIn,
  roles,
} from '../../../members/core/household.ts'
import { fill, translations } from '../../../translations/translations.ts'
import { field, select } from '../../fields.ts'
import type { Here, Html } from '../console.ts'
import { framed } from '../frame.ts'
import { time } from '../times.ts'

export interface TypedInvitation {
  readonly email: string
  readonly role: string
  readonly language: string
}
export type InviteProblem = 'address' | 'joined' | 'elsewhere' | 'limited'

interface List {
  readonly members: readonly Member[]
  readonly invited: readonly InvitedPerson[]
  readonly typed: TypedInvitation
  readonly problem: InviteProblem | null
  readonly nonce: string
  readonly nowMs: number
}

export function listPage(here: Here, list: List): Html {
  const words = here.words.members
  const { members, invited } = list
  const rank = (member: Member) => roles.indexOf(roleIn(here.home, member))
  const sorted = members.toSorted((a, b) => rank(b) - rank(a) || a.email.localeCompare(b.email))
  return framed(here, {
    title: words.title,
    section: 'more',
    body: html`<h1>${words.title}</h1>
      <ul class="list">${sorted.map((member) => memberItem(here, member, list.nowMs))}</ul>
      ${
        invited.length > 0
          ? html`<section aria-labelledby="invited">
        <h2 id="invited">${words.invited}</h2>
        ${invited.map((one) => invitedCard(here, one, list))}
      </section>`
          : ''
      }
      ${here.role === 'owner' ? inviteForm(here, list) : ''}`,
  })
}

function memberItem(here: Here, member: Member, nowMs: number): Html {
  const words = here.words.members
  const isSelf = member.memberId === here.member.memberId
  const body = html`<span>
      <span class="state">${member.email}${isSelf ? ` (${words.you})` : ''}</span><br>
      <span class="quiet">${words.roles[roleIn(here.home, member)]}, ${words.since} ${time(here, member.joinedAtMs, nowMs)}</span>
    </span>`
  return here.role === 'owner'
    ? html`<li><a href="/members/${member.memberId}">${body}</a></li>`
    : html`<li class="plain">${body}</li>`
}

function invitedCard(here: Here, { email, role, language, atMs }: InvitedPerson, list: List): Html {
  const words = here.words.members
  const actions = html`<div class="actions">
      <form method="post" action="/members/invite">
        <input type="hidden" name="nonce" value="${list.nonce}">
        <input type="hidden" name="email" value="${email}">
        <input type="hidden" name="role" value="${role}">
        <input type="hidden" name="language" value="${language}">
        <button aria-label="${words.inviteAgain}: ${email}">${words.inviteAgain}</button>
      </form>
      <form method="post" action="/members/cancel">
        <input type="hidden" name="email" value="${email}">
        <button aria-label="${words.cancel}: ${email}">${words.cancel}</button>
      </form>
    </div>`
  return html`<div class="card">
    <p><span class="state">${email}</span><br>
    <span class="quiet">${words.roles[role]}, ${words.invitedAt} ${time(here, atMs, list.nowMs)}</span></p>
    ${here.role === 'owner' ? actions : ''}
  </div>`
}

function inviteForm(here: Here, { typed, problem, nonce }: List): Html {
  const words = here.words.members
  const input = field({ email: typed.email }, problem ? { email: words.problems[problem] } : {})
  return html`<section aria-labelledby="invite">
    <h2 id="invite">${words.invite}</h2>
    <form method="post" action="/members/invite" class="card" novalidate>
      <input type="hidden" name="nonce" value="${nonce}">
      ${input('email', words.email, html`type="email" maxlength="254" autocapitalize="none" spellcheck="false" autocomplete="off"`, words.inviteHint)}
      ${select('role', words.role, words.choices, typed.role)}
      ${select('language', words.language, languageNames, typed.language)}
      <button class="next">${words.send}</button>
    </form>
  </section>`
}

const languageNames = Object.fromEntries(
  languages.map((language) => [language, translations[language].languageName]),
)

// ---------------------------------------------------------------- one member

interface OneMember {
  readonly member: Member
  readonly sessions: readonly MemberSession[]
  readonly isLastOwner: boolean
  readonly nowMs: number
}

export function memberPage(here: Here, { member, sessions, isLastOwner, nowMs }: OneMember): Html {
  const words = here.words.members
  const at = `/members/${member.memberId}`
  return framed(here, {
    title: member.email,
    section: 'more',
    body: html`<h1>${member.email}</h1>
      <p class="quiet">${words.memberSince} ${time(here, member.joinedAtMs, nowMs)}</p>
      ${isLastOwner ? html`<p class="problem" role="alert">${words.lastOwner}</p>` : ''}
      <form method="post" action="${at}/role" class="card">
        ${select('role', words.role, words.choices, roleIn(here.home, member))}
        <button>${words.save}</button>
      </form>
      <section aria-labelledby="sessions">
        <h2 id="sessions">${words.signedIn}</h2>
        ${sessionList(here, sessions, nowMs)}
        <form method="post" action="${at}/sign-out"><button>${words.signOutEverywhere}</button></form>
      </section>
      <details class="ask">
        <summary class="button">${words.remove}</summary>
        <form method="post" action="${at}/remove">
          <p>${fill(words.removeQuestion, { email: member.email })}</p>
          <button class="next">${words.removeNow}</button>
        </form>
      </details>
      <p><a class="button" href="/members">${words.back}</a></p>`,
  })
}

function sessionList(
  here: Here,
  sessions: readonly MemberSession[],
  nowMs: number,
  action: (session: MemberSession) => Html | string = () => '',
): Html {
  const words = here.words.members
  if (sessions.length === 0) return html`<p class="quiet">${words.noSessions}</p>`
  return html`<ul class="list">${sessions.map(
    (session) => html`<li class="plain">
      <span><span class="state">${session.device}</span><br>
      <span class="quiet">${words.since} ${time(here, session.startedAtMs, nowMs)}</span></span>
      ${action(session)}
    </li>`,
  )}</ul>`
}

export function sessionsPage(
  here: Here,
  { sessions, nowMs }: Pick<OneMember, 'sessions' | 'nowMs'>,
): Html {
  const words = here.words.members
  const end = ({ session, device }: MemberSession) =>
    html`<form method="post" action="/sessions/end">
      <input type="hidden" name="session" value="${session}">
      <button aria-label="${words.end}: ${device}">${words.end}</button>
    </form>`
  return framed(here, {
    title: words.signedIn,
    section: 'more',
    body: html`<h1>${words.signedIn}</h1>
      <p class="quiet">${words.sessionsHint}</p>
      ${sessionList(here, sessions, nowMs, end)}
      <form method="post" action="/sessions/sign-out"><button>${words.signOutEverywhere}</button></form>`,
  })
}
