/**
 * The owner's mailbox and the visitors' phones: receive what the mail and SMS services accepted. A
 * text can be lost or late on the way, which no service reports to the cloud.
 */
import type { Cancel } from '../../device/daemon/ports.ts'
import type { AwsServer } from '../aws/server.ts'
import type { SentMail } from '../aws/ses.ts'
import type { SentText } from '../aws/sms/sns.ts'
import type { SteerableClock } from '../home/steerable-clock.ts'

interface ArrivedText {
  readonly atMs: number
  readonly to: string
  readonly text: string
}

interface TextTrouble {
  /** How many of the next texts never arrive. */
  readonly lose?: number | undefined
  /** Delay of the next text. */
  readonly delayMs?: number | undefined
}

export interface Inbox {
  /** Oldest first. */
  mails(): readonly SentMail[]
  texts(): readonly ArrivedText[]
  trouble(trouble: TextTrouble): void
  planned(): { readonly lose: number; readonly delayMs: number }
  /** Takes over what was sent since the last call. */
  refresh(): void
  close(): void
}

export interface InboxOptions {
  readonly aws: Pick<AwsServer, 'mailbox' | 'texts'>
  readonly clock: SteerableClock
  /** Called with a sentence for the timeline. */
  readonly happened: (sentence: string) => void
  /** What had arrived before the last restart. */
  readonly before?: { readonly mails: readonly SentMail[]; readonly texts: readonly ArrivedText[] }
}

const mostStored = 200

export function openInbox({ aws, clock, happened, before }: InboxOptions): Inbox {
  let mails: readonly SentMail[] = before?.mails ?? []
  let texts: readonly ArrivedText[] = before?.texts ?? []
  const seen = { mails: 0, texts: 0 }
  const plan = { lose: 0, delayMs: 0 }
  const late = new Set<Cancel>()

  const arrive = ({ to, body }: SentText) => {
    texts = [...texts, { atMs: clock.nowMs(), to, text: body }].slice(-mostStored)
    happened(`The phone ${to} received a text.`)
  }
  const deliver = (text: SentText) => {
    if (plan.lose > 0) {
      plan.lose -= 1
      return happened(`The text to ${text.to} was lost on its way.`)
    }
    const { delayMs } = plan
    plan.delayMs = 0
    if (delayMs === 0) return arrive(text)
    happened(`The text to ${text.to} is held up for ${Math.round(delayMs / 1_000)} s.`)
    const cancel = clock.after(delayMs, () => {
      late.delete(cancel)
      arrive(text)
    })
    late.add(cancel)
  }

  return {
    mails: () => mails,
    texts: () => texts,
    planned: () => plan,
    trouble({ lose, delayMs }) {
      plan.lose = lose ?? plan.lose
      plan.delayMs = delayMs ?? plan.delayMs
    },
    refresh() {
      const { mailbox, texts: sent } = aws
      for (const mail of mailbox.slice(seen.mails)) {
        mails = [...mails, mail].slice(-mostStored)
        happened(`${mail.to.join(', ')} received a mail: “${mail.subject}”.`)
      }
      for (const text of sent.slice(seen.texts)) deliver(text)
      seen.mails = mailbox.length
      seen.texts = sent.length
    },
    close() {
      for (const cancel of late) cancel()
    },
  }
}

/** The code in a text, as it is typed. */
export const codeIn = (text: string): string | null =>
  /(\d{4} \d{4})\b/.exec(text)?.[1]?.replace(' ', '') ?? null

/** The addresses in a mail's text. */
export const linksIn = (text: string | null): readonly string[] =>
  text?.match(/https?:\/\/\S+/g) ?? []
