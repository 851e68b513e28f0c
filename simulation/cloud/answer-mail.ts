/**
 * Answers a mail as its reader would: opens the page behind the link, fills in the form and presses a
 * button. Everything goes over HTTP, as from a browser, and only what is in the mail is known.
 */
import { postJson } from '../door/keypad-watch.ts'

export interface OwnersAnswer {
  readonly decision: 'allow' | 'deny'
  /** The one in the mail by default. */
  readonly visitNumber?: string | undefined
  readonly name?: string | undefined
  readonly phone?: string | undefined
  readonly email?: string | undefined
  readonly language?: string | undefined
  readonly validity?: string | undefined
  readonly remembersFace?: boolean | undefined
  readonly blockFace?: boolean | undefined
}

export interface Answered {
  readonly status: number
  /** The heading of the page that came back. */
  readonly heading: string
}

interface ReadMail {
  readonly text: string
  readonly subject: string
}

export async function answerMail(mail: ReadMail, answer: OwnersAnswer): Promise<Answered> {
  const { origin, link } = linkIn(mail)
  const shown = await post(origin, 'show', link)
  const face = /name="face" value="([0-9a-f]*)"/.exec(shown.page)?.[1]
  if (face === undefined) return { status: shown.status, heading: headingOf(shown.page) }
  const number = answer.visitNumber ?? /(\d{1,3})\b/.exec(mail.subject)?.[1] ?? ''
  const decided = await post(origin, 'decide', {
    ...link,
    face,
    decision: answer.decision,
    visitNumber: number,
    ...(answer.decision === 'allow' && visitorIn(answer)),
    ...(answer.blockFace && { blockFace: 'yes' }),
  })
  return { status: decided.status, heading: headingOf(decided.page) }
}

/** A mail scanner, which opens links before people do and sends no form. */
export async function scanLinks({ text }: Pick<ReadMail, 'text'>): Promise<readonly number[]> {
  const links = text.match(/https?:\/\/\S+/g) ?? []
  const statuses: number[] = []
  for (const link of links) {
    for (const method of ['HEAD', 'GET', 'GET'])
      statuses.push((await fetch(link, { method })).status)
  }
  return statuses
}

function linkIn({ text }: ReadMail) {
  const url = /https?:\/\/\S+#\S+/.exec(text)?.[0]
  if (url === undefined) throw new Error('This mail has no link.')
  const { origin, hash } = new URL(url)
  const secret = new URLSearchParams(hash.slice(1))
  return { origin, link: { request: secret.get('r') ?? '', token: secret.get('t') ?? '' } }
}

const visitorIn = (answer: OwnersAnswer) => ({
  name: answer.name ?? 'Robin Vale',
  phone: answer.phone ?? (answer.email === undefined ? '+15550100' : ''),
  email: answer.email ?? '',
  prefers: answer.email === undefined ? 'sms' : 'email',
  language: answer.language ?? 'en',
  validity: answer.validity ?? 'always',
  remembersFace: (answer.remembersFace ?? true) ? 'yes' : '',
})

async function post(origin: string, path: string, fields: object) {
  const response = await postJson(`${origin}/approve/${path}`, fields, { origin })
  return { status: response.status, page: await response.text() }
}

const headingOf = (page: string): string =>
  /<h1[^>]*>([^<]*)/.exec(page)?.[1]?.replaceAll('&#39;', "'").trim() ?? ''
