/** The HTML of the approval requests of the last days. */
import { html } from 'hono/html'
import { type ApprovalRequest, requestId } from '../../../approvals/core/approval-request.ts'
import { doorOf } from '../../../members/core/household.ts'
import type { Here, Html } from '../console.ts'
import { framed } from '../frame.ts'
import { pathOf } from '../pictures.ts'
import { time } from '../times.ts'

const refreshSeconds = 5

export const listPage = (here: Here, requests: readonly ApprovalRequest[], nowMs: number): Html =>
  framed(here, {
    title: here.words.requests.title,
    section: 'more',
    refreshSeconds,
    body: html`<h1>${here.words.requests.title}</h1>
      ${
        requests.length === 0
          ? html`<p class="quiet">${here.words.requests.none}</p>`
          : html`<ul class="list">${requests.map((one) => row(here, one, nowMs))}</ul>`
      }`,
  })

const row = (here: Here, request: ApprovalRequest, nowMs: number): Html =>
  html`<li><a href="/requests/${requestId(request)}">
    ${request.face ? html`<img src="${pathOf(request.face.key)}" alt="" width="56" height="56" loading="lazy">` : ''}
    <span>
      <strong>${stateOf(here, request, nowMs)}</strong>
      <span class="quiet">${doorOf(here.home, request.doorId)?.name ?? ''},
        ${time(here, request.askedAtMs, nowMs)}</span>
    </span>
  </a></li>`

function stateOf({ words }: Here, { decision, expiresAtMs }: ApprovalRequest, nowMs: number) {
  if (decision) return words.requests.states[decision.outcome]
  return expiresAtMs > nowMs ? words.requests.states.open : words.requests.states.expired
}
