/** The state of a home in the shape of the control room's API and page. */
import type { SentMail } from '../aws/ses.ts'
import { linksIn } from '../cloud/inbox.ts'
import type { ApiState, DoorState, PageState } from '../control-room/state.ts'
import { residents } from '../scenes/scene.ts'
import type { HomeParts } from './home.ts'

const shown = { mails: 30, texts: 30, timeline: 200, visits: 20 }

export function apiStateOf(parts: HomeParts): ApiState {
  const { inbox, visits, clock, scene } = parts
  return {
    now: clock.nowMs(),
    door: doorOf(parts),
    scene: [...scene.standing()],
    mailbox: inbox.mails().map(mailOf),
    phones: phonesOf(parts),
    visits: [...visits.all()],
    urls: urlsOf(parts),
  }
}

const mailOf = (mail: SentMail): ApiState['mailbox'][number] => ({
  id: mail.messageId,
  at: mail.atMs,
  to: [...mail.to],
  subject: mail.subject,
  text: mail.text ?? '',
  html: mail.html ?? '',
  links: [...linksIn(mail.text)],
  pictures: mail.attachments.map(({ fileName }) => pictureUrl(mail.messageId, fileName)),
})

export const pictureUrl = (mailId: string, name: string): string =>
  `/mail/${mailId}/${encodeURIComponent(name)}`

function phonesOf({ inbox }: HomeParts): ApiState['phones'] {
  const byPhone = Map.groupBy(inbox.texts(), ({ to }) => to)
  return Object.fromEntries(
    [...byPhone].map(([to, texts]) => [to, texts.map(({ text, atMs }) => ({ text, at: atMs }))]),
  )
}

function urlsOf({ keypadUrl, gateway }: HomeParts): ApiState['urls'] {
  return { keypad: keypadUrl, web: gateway.origin }
}

function doorOf({ connections, keypad, visits }: HomeParts): DoorState {
  const seen = keypad.state()
  return {
    lock: connections.lockState(),
    contact: connections.contactOpen() ? 'open' : 'closed',
    online: connections.linkUp(),
    running: connections.daemonConnected(),
    visitNumber: seen?.visit?.number ?? visits.current()?.number ?? null,
    keypad: seen?.keypad ?? 'away',
    scan: seen?.scan ?? null,
    lockedOutUntil: keypad.pausedUntilMs(),
  }
}

export function pageStateOf(parts: HomeParts): PageState {
  const { inbox, visits, clock, scene, timeline, troubles } = parts
  const texts = inbox.texts().map(({ atMs, to, text }, id) => ({ id, at: atMs, to, text }))
  return {
    now: clock.nowMs(),
    door: doorOf(parts),
    scene: [...scene.standing()],
    people: [...new Set([...residents, ...scene.standing()])],
    picture: scene.picture()?.takenAtMs ?? null,
    trouble: troubles.state(),
    mails: newest(inbox.mails(), shown.mails).map(({ messageId, atMs, subject, to }) => ({
      id: messageId,
      at: atMs,
      subject,
      to: to.join(', '),
    })),
    texts: newest(texts, shown.texts),
    timeline: newest(timeline.entries, shown.timeline),
    visits: visits.all().slice(0, shown.visits),
    recordings: parts.sceneRecorder !== null,
    urls: urlsOf(parts),
  }
}

const newest = <T>(all: readonly T[], most: number): T[] => all.slice(-most).reverse()
