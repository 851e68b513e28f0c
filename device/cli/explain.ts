/** `smart-door explain`: what happened in a visit, or at one moment, in plain sentences. */
import { type DoorMessage, parseDoorMessage } from '../../protocol/messages/door.ts'
import { sentenceFor } from '../core/log/explain.ts'
import type { LogReader } from '../daemon/ports.ts'
import { openLog } from './open-log.ts'

export function explain(configPath: string, wanted: string): number {
  const reader = openLog(configPath)
  try {
    const messages = chosen([...messagesIn(reader)], wanted)
    if (messages.length === 0) {
      process.stderr.write(`The log knows no visit or event "${wanted}".\n`)
      return 1
    }
    for (const message of messages) {
      const sentence = sentenceFor(message, (visitorId) => reader.visitorName(visitorId))
      process.stdout.write(`#${message.seq}  ${when(message)}  ${sentence}\n`)
    }
    return 0
  } finally {
    reader.close()
  }
}

/** A row that does not parse is no explanation; `verify-log` is the one to complain about it. */
function* messagesIn(reader: LogReader): Generator<DoorMessage> {
  for (const { text } of reader.rows()) {
    const parsed = parseDoorMessage(text)
    if (parsed.ok) yield parsed.message
  }
}

/** A visit is everything between its beginning and its end; the latest one of that number. */
function chosen(messages: readonly DoorMessage[], wanted: string): readonly DoorMessage[] {
  const event = messages.find(({ id, seq }) => id === wanted || `#${seq}` === wanted)
  if (event) return [event]
  const start = messages.findLastIndex(
    (message) =>
      message.type === 'visit-started' &&
      (message.visitId === wanted || String(message.visitNumber) === wanted),
  )
  if (start < 0) return []
  const length = messages.slice(start).findIndex(({ type }) => type === 'visit-ended')
  return messages.slice(start, length < 0 ? undefined : start + length + 1)
}

const when = ({ atMs, timeKnown }: DoorMessage): string => {
  const time = new Date(atMs).toLocaleString('sv-SE')
  return timeKnown ? time : `${time} or later`
}
