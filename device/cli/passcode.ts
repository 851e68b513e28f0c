/** `smart-door passcode`: asks the running daemon for a one-time code. */
import * as z from 'zod/mini'
import { grouped } from '../../protocol/passcode.ts'
import type { Io } from '../../terminal/command-line.ts'
import { readConfig } from '../config/config.ts'
import { askDaemon, Unanswered } from '../control/client.ts'
import { passcodeReplySchema } from '../control/messages.ts'

export async function passcode(configPath: string, { stdout, stderr }: Io): Promise<number> {
  const { doorName } = readConfig(configPath)
  const fail = (sentence: string): number => {
    stderr.write(`${sentence}\n`)
    return 1
  }
  try {
    const folder = process.env['RUNTIME_DIRECTORY'] ?? '/run/smart-door'
    const reply = z.parse(passcodeReplySchema, await askDaemon(folder, { ask: 'passcode' }))
    if (reply.outcome === 'busy') return fail(busy)
    if (reply.outcome === 'refused') return fail(sentences[reply.reason] ?? busy)
    const minutes = Math.round(reply.validForMs / 60_000)
    const replaced = reply.replaced > 0 ? 'An older code no longer works.\n' : ''
    stdout.write(
      `${grouped(reply.code)}\n\nIt opens ${doorName} once, within ${minutes} minutes.\n${replaced}`,
    )
    return 0
  } catch (error) {
    if (!(error instanceof Unanswered)) throw error
    return fail(error.message)
  }
}

const sentences: Readonly<Record<string, string>> = {
  'clock-unknown':
    'The door does not know the time yet, so it cannot tell when a code would end. It learns the time from the network or from a clock with a battery. See: sudo smart-door doctor',
  'door-locked': 'The door refuses all codes: lock.mode is "locked" in its config file.',
  mode: 'The door is in privacy mode, in which only break-glass codes open. End it in the console.',
  'code-in-use': 'The code that was drawn is in use already. Try again.',
}
const busy = 'The door makes no codes now: a part of it does not work. See: sudo smart-door doctor'
