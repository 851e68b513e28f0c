/**
 * The owner's mailbox and the visitors' phones: whatever the mail and text services accepted gets
 * here, unless it is lost or late on the way, which no service would ever tell the cloud about.
 */
import type { Cancel } from '../../device/daemon/ports.ts'
import type { AwsServer } from '../aws/server.ts'
import type { SentMail } from '../aws/ses.ts'
import type { SentText } from '../aws/sms/sns.ts'
import type { SteerableClock } from '../home/steerable-clock.ts'

export interface ArrivedText {
  readonly atMs: number
  readonly to: string
  readonly text: string
}

export interface TextTrouble {
  /** How many of the next ones never arrive. */
  readonly lose?: number | undefined
  /** How much later the next one arrives. */
  readonly delayMs?: number | undefined
}

export interface Post {
  /** Oldest first, both. */
  mails(): readonly SentMail[]
  texts(): readonly ArrivedText[]
  trouble(trouble: TextTrouble): void
  planned(): { readonly lose: number; readonly delayMs: number }
  /** Something may have been sent. */
  look(): void
  close(): void
}

export interface PostOptions {
  readonly aws: Pick<AwsServer, 'mailbox' | 'texts'>
  readonly clock: SteerableClock
  /** In a plain sentence. */
  readonly happened: (sentence: string) => void
  /** What had arrived before. */
  readonly before?: { readonly mails: readonly SentMail[]; readonly texts: readonly ArrivedText[] }
}

const mostKept = 200

export function openPost({ aws, clock, happened, before }: PostOptions): Post {
  let mails: readonly SentMail[] = before?.mails ?? []
  let texts: readonly ArrivedText[] = before?.texts ?? []
  const seen = { mails: 0, texts: 0 }
  const plan = { lose: 0, delayMs: 0 }
  const late = new Set<Cancel>()

  const arrive = ({ to, body }: SentText) => {
    texts = [...texts, { atMs: clock.nowMs(), to, text: body }].slice(-mostKept)
    happened(`The phone ${to} received a text.`)
  }
  const carry = (text: SentText) => {
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
    look() {
      const { mailbox, texts: sent } = aws
      for (const mail of mailbox.slice(seen.mails)) {
        mails = [...mails, mail].slice(-mostKept)
        happened(`${mail.to.join(', ')} received a mail: “${mail.subject}”.`)
      }
      for (const text of sent.slice(seen.texts)) carry(text)
      seen.mails = mailbox.length
      seen.texts = sent.length
    },
    close() {
      for (const cancel of late) cancel()
    },
  }
}

/** Every address that a mail leads to, as a person would find them. */
export const linksIn = (text: string | null): readonly string[] =>
  text?.match(/https?:\/\/\S+/g) ?? []
