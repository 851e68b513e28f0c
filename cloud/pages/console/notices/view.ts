/** The HTML of the page about notices. */
import { html } from 'hono/html'
import {
  mayHave,
  type NoticeKind,
  type NoticeSettings,
  type NoticeWay,
  noticeKinds,
} from '../../../notices/core/notice-settings.ts'
import type { NoticeDevice } from '../../../ports.ts'
import { checkbox, field } from '../../fields.ts'
import type { Here, Html } from '../console.ts'
import { framed } from '../frame.ts'
import { time } from '../times.ts'

export type Said = 'saved' | 'tested' | 'notTested' | 'foreign' | 'badTimes'

interface Shown {
  readonly settings: NoticeSettings
  readonly devices: readonly NoticeDevice[]
  readonly typed: { readonly from: string; readonly to: string }
  readonly said: Said | null
  readonly publicKey: string
  readonly nowMs: number
}

/** As `22:05`; empty for no time. */
export function clockOf(minute: number | undefined): string {
  if (minute === undefined) return ''
  const two = (value: number) => String(value).padStart(2, '0')
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`
}

export function noticesPage(here: Here, shown: Shown): Html {
  const words = here.words.notices
  const { said } = shown
  const isProblem = said === 'notTested' || said === 'foreign'
  return framed(here, {
    title: words.title,
    section: 'more',
    body: html`<h1>${words.title}</h1>
      ${said && said !== 'badTimes' ? html`<p role="status" class="${isProblem ? 'problem' : 'state'}">${words[said]}</p>` : ''}
      ${thisDevice(here, shown)}
      ${shown.devices.length > 0 ? deviceList(here, shown) : ''}
      ${settingsForm(here, shown)}
      <script type="module" src="/console/notices.js"></script>`,
  })
}

/** The script shows what applies. */
function thisDevice(here: Here, { devices, publicKey }: Shown): Html {
  const words = here.words.notices
  const endpoints = devices.filter(({ goneAtMs }) => goneAtMs === undefined)
  const sentence = (state: 'enabled' | 'addToHome' | 'unsupported' | 'blocked' | 'failed') =>
    html`<p data-state="${state}" hidden>${words[state]}</p>`
  return html`<section id="this-device" class="card" aria-labelledby="here" aria-live="polite"
      data-key="${publicKey}" data-endpoints="${endpoints.map(({ deviceId }) => deviceId).join(' ')}">
    <h2 id="here">${words.thisDevice}</h2>
    <noscript><p>${words.needsScript}</p></noscript>
    ${sentence('enabled')} ${sentence('addToHome')} ${sentence('unsupported')}
    ${sentence('blocked')} ${sentence('failed')}
    <p data-state="off" hidden><button type="button" id="enable" class="next">${words.enable}</button></p>
    <form method="post" action="/notices/devices" id="add-device" hidden>
      <input type="hidden" name="endpoint"><input type="hidden" name="p256dh">
      <input type="hidden" name="auth">
    </form>
  </section>`
}

function deviceList(here: Here, { devices, nowMs }: Shown): Html {
  const words = here.words.notices
  const state = ({ goneAtMs, deliveredAtMs }: NoticeDevice) => {
    if (goneAtMs !== undefined) return html`<span class="problem">${words.gone}</span>`
    if (deliveredAtMs === undefined) return words.neverDelivered
    return html`${words.delivered} ${time(here, deliveredAtMs, nowMs)}`
  }
  return html`<section aria-labelledby="devices">
    <h2 id="devices">${words.devices}</h2>
    <ul class="list">${devices.map(
      (device) => html`<li class="plain">
        <span><span class="state">${device.name}</span><br><span class="quiet">${state(device)}</span></span>
        <div class="actions">
          ${device.goneAtMs === undefined ? action(device, 'test', words.test) : ''}
          ${action(device, 'remove', words.remove)}
        </div>
      </li>`,
    )}</ul>
  </section>`
}

const action = ({ deviceId, name }: NoticeDevice, what: string, label: string): Html =>
  html`<form method="post" action="/notices/devices/${deviceId}/${what}">
    <button aria-label="${label}: ${name}">${label}</button>
  </form>`

function settingsForm(here: Here, { settings, typed, said }: Shown): Html {
  const words = here.words.notices
  const problems = said === 'badTimes' ? { from: words.badTimes } : {}
  const input = field(typed, problems)
  const box = (kind: NoticeKind, way: NoticeWay) =>
    mayHave(here.role, kind, way)
      ? html`<input type="checkbox" name="${way}-${kind}" value="yes"
          aria-label="${words.kinds[kind]}: ${words.by[way]}"
          ${settings[way].includes(kind) ? html`checked` : ''}>`
      : ''
  const kinds = noticeKinds.filter((kind) => mayHave(here.role, kind, 'push'))
  return html`<form method="post" action="/notices" class="card" novalidate>
    <table class="notices">
      <thead><tr><th scope="col">${words.what}</th><th scope="col">${words.by.push}</th><th scope="col">${words.by.mail}</th></tr></thead>
      <tbody>${kinds.map(
        (kind) => html`<tr><th scope="row">${words.kinds[kind]}</th>
          <td><label class="box">${box(kind, 'push')}</label></td>
          <td>${mayHave(here.role, kind, 'mail') ? html`<label class="box">${box(kind, 'mail')}</label>` : ''}</td></tr>`,
      )}</tbody>
    </table>
    <fieldset>
      <legend>${words.quiet}</legend>
      <p class="hint">${words.quietHint}</p>
      ${input('from', words.from, html`type="time"`)}
      ${input('to', words.to, html`type="time"`)}
      ${checkbox('alarmsAlways', words.alarmsAlways, settings.alarmsAlways)}
    </fieldset>
    <button class="next">${words.save}</button>
  </form>`
}
